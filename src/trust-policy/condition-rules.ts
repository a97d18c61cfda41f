import { isMapped, mappedClaimsOf } from '../identity/claim-condition-keys.ts';
import { presenceOf } from '../identity/request-key.ts';
import { certainMistake } from '../identity/value-mistake.ts';
import { hit, isOwn, isPinned, type Rule } from './rule.ts';

export const wildcardUnderEquals: Rule = {
  id: 'wildcard-under-equals',
  severity: 'major',
  reason: 'This operator compares "*" and "?" literally, and no token has such a value.',
  find: ({ conditions }) =>
    conditions.flatMap((one) => {
      const { condition, operator } = one;
      if (!/^string(not)?equals/i.test(operator?.base ?? '')) return [];
      const value = condition.values.find((text) => /[*?]/.test(text.replaceAll(/\$\{[^}]*\}/g, '')));
      if (value === undefined) return [];
      return [
        hit(
          one,
          `"${value}" under ${condition.operator}`,
          'Write the full value, or use StringLike for a pattern.',
        ),
      ];
    }),
};

export const forAllValuesInAllow: Rule = {
  id: 'for-all-values-in-allow',
  severity: 'critical',
  reason: 'ForAllValues is met if the token does not have the claim.',
  find: (statement) =>
    statement.conditions
      .filter(({ operator, claim, prefix }) => {
        if (operator?.quantifier !== 'all' || !isOwn(prefix, statement.issuers)) return false;
        // a pinned sub already keeps other tokens out
        return claim === 'sub' || !isPinned('sub', statement);
      })
      .map((one) =>
        hit(
          one,
          `${one.condition.operator} on ${one.condition.key}`,
          'Remove "ForAllValues:": a claim such as sub has a single value.',
        ),
      ),
};

export const ifExistsOnIdentity: Rule = {
  id: 'if-exists-on-identity',
  severity: 'critical',
  reason: 'With IfExists, the condition is met if the token does not have the claim.',
  find: ({ conditions }) =>
    conditions
      .filter(({ operator, claim }) => operator?.ifExists && ['sub', 'aud'].includes(claim))
      .map((one) =>
        hit(one, `${one.condition.operator} on ${one.condition.key}`, 'Remove "IfExists" from the operator.'),
      ),
};

export const foreignConditionKey: Rule = {
  id: 'foreign-condition-key',
  severity: 'major',
  reason: "The key belongs to another issuer than the principal's provider, whose tokens never have it.",
  find: ({ conditions, issuers }) =>
    conditions
      .filter(({ prefix }) => issuers.length > 0 && !isOwn(prefix, issuers) && !/^(aws|sts)$/i.test(prefix))
      .map((one) =>
        hit(
          one,
          `"${one.condition.key}" with the provider ${issuers.join(', ')}`,
          `Begin the key with the provider's name: "${issuers[0]}:${one.claim}".`,
        ),
      ),
};

export const unmappedConditionKey: Rule = {
  id: 'unmapped-condition-key',
  severity: 'major',
  reason:
    'AWS has no condition key for this claim of the issuer: a positive condition is never met, a negated one always.',
  find: ({ conditions, issuers }) =>
    conditions.flatMap((one) => {
      const issuer = issuers.find((name) => name.toLowerCase() === one.prefix.toLowerCase());
      if (issuer === undefined || isMapped(issuer, one.claim) !== false) return [];
      return [
        hit(
          one,
          `"${one.condition.key}"`,
          `Remove it. AWS has keys for these claims of the issuer: ${mappedClaimsOf(issuer).join(', ')}.`,
        ),
      ];
    }),
};

export const conditionNeverMet: Rule = {
  id: 'condition-never-met',
  severity: 'major',
  reason:
    'AssumeRoleWithWebIdentity requests never have this key: a positive condition is never met, a negated one always.',
  find: ({ conditions }) =>
    conditions
      .filter(({ condition }) => presenceOf(condition.key) === 'never' && !/^null$/i.test(condition.operator))
      .filter(({ operator }) => operator?.quantifier !== 'all')
      .map((one) => hit(one, `"${one.condition.key}"`, 'Remove it: sub and aud identify the caller.')),
};

export const neverMatchingValue: Rule = {
  id: 'value-mistake',
  severity: 'major',
  reason: 'No token has this value: a positive condition is never met, a negated one always.',
  find: ({ conditions }) =>
    conditions.flatMap((one) => {
      const mistakes = one.condition.values.flatMap((value) => certainMistake(value) ?? []);
      return mistakes.slice(0, 1).map(({ evidence, remedy }) => hit(one, evidence, remedy));
    }),
};

export const unknownOperator: Rule = {
  id: 'unknown-operator',
  severity: 'blocker',
  reason: 'IAM has no such operator and rejects the policy.',
  find: ({ conditions }) =>
    conditions
      .filter(({ operator }) => operator === undefined)
      .map((one) =>
        hit(
          one,
          `"${one.condition.operator}"`,
          'Use StringEquals for exact values, StringLike for patterns.',
        ),
      ),
};
