import { at, type Rule } from './rule.ts';
import { isWebIdentityAction } from './web-identity.ts';

export const principalAnyone: Rule = {
  id: 'principal-anyone',
  severity: 'blocker',
  reason: 'Every AWS principal and identity provider is trusted; only conditions restrict access.',
  find: ({ statement }) => {
    const { principals, offset } = statement;
    const anyone = principals.anyone || principals.federated.includes('*') || statement.exceptPrincipals;
    if (!anyone) return [];
    const detail = statement.exceptPrincipals ? '"NotPrincipal" in an Allow' : 'the principal is "*"';
    return [
      {
        offset: principals.offset || offset,
        detail,
        fix: 'Name the identity provider: {"Federated": "arn:aws:iam::ACCOUNT:oidc-provider/HOST"}.',
      },
    ];
  },
};

export const actionAssumeRole: Rule = {
  id: 'action-assume-role',
  severity: 'major',
  reason: 'Web identities call AssumeRoleWithWebIdentity: without this action, no token can assume the role.',
  find: (statement) => {
    const { actions, exceptActions } = statement.statement;
    if (exceptActions || actions.some(isWebIdentityAction)) return [];
    return [
      at(
        statement,
        `"Action": "${actions.join('", "')}"`,
        'Write "Action": "sts:AssumeRoleWithWebIdentity".',
      ),
    ];
  },
};

export const actionTooBroad: Rule = {
  id: 'action-too-broad',
  severity: 'minor',
  reason: 'The statement allows more than exchanging a token.',
  find: (statement) => {
    const broad = statement.statement.actions.find((action) => action.includes('*'));
    if (broad === undefined && !statement.statement.exceptActions) return [];
    return [
      at(
        statement,
        broad === undefined ? '"NotAction"' : `"Action": "${broad}"`,
        'Write "Action": "sts:AssumeRoleWithWebIdentity".',
      ),
    ];
  },
};
