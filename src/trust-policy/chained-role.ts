import { escapeVariables, type Json } from './exact-statement.ts';

/** A role that other roles assume, and what they may pass to its sessions. */
export interface ChainedRole {
  /** The ARNs of these roles. */
  readonly chainedFrom: readonly string[];
  readonly externalId: string | undefined;
  readonly sessionTags: boolean;
  readonly sourceIdentity: boolean;
  readonly roleName: string;
}

/**
 * Creates a trust policy that allows these roles. What they pass has a statement of its own, because AWS has no
 * sts:ExternalId for these actions.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
 */
export function chainedPolicy(role: ChainedRole): Json {
  const Principal = { AWS: single(role.chainedFrom) };
  const { externalId } = role;
  const condition = externalId && { StringEquals: { 'sts:ExternalId': escapeVariables(externalId) } };
  const assume = {
    Effect: 'Allow',
    Principal,
    Action: 'sts:AssumeRole',
    ...(condition && { Condition: condition }),
  };
  const passed = passedActions(role);
  const pass = { Effect: 'Allow', Principal, Action: single(passed) };
  return { Version: '2012-10-17', Statement: passed.length === 0 ? [assume] : [assume, pass] };
}

/** The actions that passing tags and a source identity needs, in addition to sts:AssumeRole. */
export function passedActions({ sessionTags, sourceIdentity }: ChainedRole): readonly string[] {
  return [...(sessionTags ? ['sts:TagSession'] : []), ...(sourceIdentity ? ['sts:SetSourceIdentity'] : [])];
}

const single = (list: readonly string[]) => (list.length === 1 ? list[0] : list);
