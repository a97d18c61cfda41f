import type { Iam, NewRole, Role } from '../../src/aws-api/iam.ts';
import { AwsOidcError } from '../../src/errors.ts';

/** IAM in memory, which records the methods that change something, and can refuse one of them. */
export function memoryIam(refused?: keyof Iam) {
  const providers = new Map<string, string[]>();
  const roles = new Map<string, Role>();
  const attached = new Map<string, string[]>();
  const inline = new Map<string, unknown>();
  const calls: (keyof Iam)[] = [];
  const change = (name: keyof Iam, make: () => void) => {
    if (name === refused) throw new AwsOidcError('REFUSED', `refused: ${name}`);
    calls.push(name);
    make();
  };
  const existing = (name: string) => roles.get(name) as Role;
  const iam: { -readonly [name in keyof Iam]: Iam[name] } = {
    audiencesOf: async (arn) => providers.get(arn),
    createProvider: async (url, audience) =>
      change('createProvider', () =>
        providers.set(`arn:aws:iam::111111111111:oidc-provider/${url.replace('https://', '')}`, [audience]),
      ),
    addAudience: async (arn, audience) => change('addAudience', () => providers.get(arn)?.push(audience)),
    role: async (name) => roles.get(name),
    createRole: async ({ name, description: _, ...role }: NewRole) =>
      change('createRole', () => roles.set(name, { arn: `arn:aws:iam::111111111111:role/${name}`, ...role })),
    updateTrustPolicy: async (role, trustPolicy) =>
      change('updateTrustPolicy', () => roles.set(role, { ...existing(role), trustPolicy })),
    updateMaxSession: async (role, maxSessionSeconds) =>
      change('updateMaxSession', () => roles.set(role, { ...existing(role), maxSessionSeconds })),
    policyExists: async (arn) => (arn.includes('unknowable') ? undefined : !arn.includes('missing')),
    attachedPolicies: async (role) => attached.get(role) ?? [],
    attachPolicy: async (role, arn) =>
      change('attachPolicy', () => attached.set(role, [...(attached.get(role) ?? []), arn])),
    inlinePolicy: async (role, name) => inline.get(`${role}/${name}`),
    putInlinePolicy: async (role, name, policy) =>
      change('putInlinePolicy', () => inline.set(`${role}/${name}`, policy)),
  };
  return { iam, providers, roles, attached, inline, calls };
}
