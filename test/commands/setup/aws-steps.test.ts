import { beforeEach, describe, expect, it } from 'vitest';
import type { Iam, Role } from '../../../src/aws-api/iam.ts';
import { applyPlan } from '../../../src/commands/setup/apply-plan.ts';
import { checkExistingRole } from '../../../src/commands/setup/existing-role.ts';
import { permissionSteps } from '../../../src/commands/setup/permission-steps.ts';
import { providerStep } from '../../../src/commands/setup/provider-step.ts';
import { projectTag, type RolePlan, roleSteps } from '../../../src/commands/setup/role-steps.ts';
import type { Step } from '../../../src/commands/setup/step.ts';
import { verifyRole } from '../../../src/commands/setup/verify-role.ts';
import { readTrustTarget } from '../../../src/commands/trust-policy/trust-target.ts';
import type { RolePermissions } from '../../../src/trust-policy/write-role.ts';
import { memoryIam } from '../../support/memory-iam.ts';

const flags = {
  issuer: 'https://gitlab.com',
  account: '111111111111',
  project: 'acme/shop',
  projectId: '20',
  namespaceId: '72',
  roleName: 'deploy',
};
const target = readTrustTarget({ ...flags, branch: ['main'] }, {});
const project = 'https://gitlab.com/acme/shop';
const plan: RolePlan = {
  target,
  project,
  tags: { [projectTag]: project },
  permissionsBoundary: undefined,
};
const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }] };
const permissions: RolePermissions = {
  policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
  inline: { name: 'gitlab-ci', policy },
  permissionsBoundary: undefined,
};
const log = { done: () => {} };

async function allSteps(iam: Iam): Promise<readonly Step[]> {
  const found = await iam.role(target.roleName);
  return [
    await providerStep(iam, target, {}),
    ...roleSteps(iam, plan, found),
    ...(await permissionSteps(iam, target.roleName, permissions, found === undefined)),
  ];
}

let memory: ReturnType<typeof memoryIam>;
beforeEach(() => {
  memory = memoryIam();
});

describe('a plan for an empty account', () => {
  it('creates everything, in an order in which each step can work', async () => {
    await applyPlan(await allSteps(memory.iam), log);
    expect(memory.calls).toEqual(['createProvider', 'createRole', 'attachPolicy', 'putInlinePolicy']);
    const { findings } = await verifyRole(memory.iam, target);
    expect(findings).toEqual([]);
  });

  it('has nothing to do the second time', async () => {
    await applyPlan(await allSteps(memory.iam), log);
    const steps = await allSteps(memory.iam);
    expect(steps.map(({ change }) => change)).toEqual(['none', 'none', 'none', 'none']);
    expect(steps.flatMap(({ apply, undo }) => [apply, undo])).toEqual(Array(8).fill(undefined));
  });

  it.each([
    ['createProvider', [], []],
    ['createRole', ['createProvider'], ['delete-open-id-connect-provider']],
    ['attachPolicy', ['createProvider', 'createRole'], ['delete-role', 'delete-open-id-connect-provider']],
    [
      'putInlinePolicy',
      ['createProvider', 'createRole', 'attachPolicy'],
      ['detach-role-policy', 'delete-role', 'delete-open-id-connect-provider'],
    ],
  ] as const)('that fails at %s says what was made, and how to undo it', async (refused, made, undo) => {
    const broken = memoryIam(refused);
    const error = await applyPlan(await allSteps(broken.iam), log).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'REFUSED', message: `refused: ${refused}` });
    expect(broken.calls).toEqual(made);
    const { lines, hint } = error as { readonly lines: readonly string[]; readonly hint: string };
    expect(lines.flatMap((line) => /aws iam ([\w-]+)/.exec(line)?.[1] ?? [])).toEqual(undo);
    if (made.length === 0) expect(lines).toContain('Nothing was changed.');
    expect(hint).toContain('continues with what is left');
  });
});

describe('an identity provider', () => {
  it('that lacks the audience gets it, and keeps the others', async () => {
    const arn = 'arn:aws:iam::111111111111:oidc-provider/gitlab.com';
    memory.providers.set(arn, ['sts.amazonaws.com']);
    const step = await providerStep(memory.iam, target, {});
    expect(step).toMatchObject({ change: 'update', lines: ['now: sts.amazonaws.com'] });
    await step.apply?.();
    expect(memory.providers.get(arn)).toEqual(['sts.amazonaws.com', 'https://gitlab.com']);
  });
});

describe('a role that exists', () => {
  const other = { ...target, subjects: ['project_path:acme/shop:ref_type:branch:ref:next'] };
  const check = (steps: readonly Step[], more: { project?: string; updateRole?: boolean } = {}) =>
    checkExistingRole({ role: found(), steps, project, updateRole: false, ...more });
  const found = () => memory.roles.get('deploy') as Role;
  beforeEach(async () => {
    await applyPlan(roleSteps(memory.iam, { ...plan, target: other }, undefined), log);
    memory.calls.splice(0);
  });

  it('and differs is not changed, and the difference is shown', () => {
    const steps = roleSteps(memory.iam, plan, found());
    expect(() => check(steps)).toThrow(
      expect.objectContaining({
        code: 'REFUSED',
        message: 'The role deploy exists and differs. Nothing was changed.',
        hint: 'To change it as shown, add --update-role.',
        lines: expect.arrayContaining([
          expect.stringMatching(/-.*ref:next/),
          expect.stringMatching(/\+.*ref:main/),
        ]),
      }),
    );
  });

  it('and was made for another project is said to be that', () => {
    const steps = roleSteps(memory.iam, plan, found());
    expect(() => check(steps, { project: 'https://gitlab.com/acme/other' })).toThrow(
      expect.objectContaining({
        message: `The role deploy exists and differs; it was created for ${project}. Nothing was changed.`,
        hint: expect.stringContaining('--role-name'),
      }),
    );
  });

  it('and was not made by setup gets no policy without being asked for', async () => {
    memory.roles.set('deploy', { ...found(), tags: {} });
    const steps = await permissionSteps(memory.iam, 'deploy', permissions, false);
    expect(() => check(steps)).toThrow(
      'The role deploy exists and differs; setup did not create it. Nothing was changed.',
    );
    expect(() => check(steps, { updateRole: true })).not.toThrow();
  });

  it('and was made for this project gets what an interrupted setup left, but no other policy', async () => {
    const steps = await permissionSteps(memory.iam, 'deploy', permissions, false);
    expect(() => check(steps)).not.toThrow();
    memory.inline.set('deploy/gitlab-ci', { ...policy, Statement: [] });
    const others = await permissionSteps(memory.iam, 'deploy', permissions, false);
    expect(() => check(others)).toThrow('The role deploy exists and differs. Nothing was changed.');
  });

  it('is changed when asked, and can be changed back', async () => {
    const steps = roleSteps(memory.iam, plan, found());
    await applyPlan(steps, log);
    expect(memory.calls).toEqual(['updateTrustPolicy']);
    expect(steps[0]?.undo).toMatch(/^aws iam update-assume-role-policy --role-name deploy .*ref:next/);
  });

  it('gets longer sessions when asked, never shorter ones', async () => {
    const longer = { ...plan, target: { ...other, maxSessionSeconds: 7200 } };
    await applyPlan(roleSteps(memory.iam, longer, found()), log);
    expect(found().maxSessionSeconds).toBe(7200);
    const steps = roleSteps(memory.iam, { ...plan, target: other }, found());
    expect(steps.map(({ change }) => change)).toEqual(['none']);
  });

  it('and appears only after the plan is not adopted', async () => {
    const steps = roleSteps(memory.iam, plan, undefined);
    memory.roles.set('deploy', { ...found(), tags: {} });
    memory.iam.createRole = async () => {};
    await expect(applyPlan(steps, log)).rejects.toMatchObject({
      message: 'Somebody else created the role deploy meanwhile. It was not changed.',
    });
  });
});

describe('policies', () => {
  it('that do not exist are reported before anything is changed', async () => {
    const missing = { ...permissions, policyArns: ['arn:aws:iam::aws:policy/missing'] };
    await expect(permissionSteps(memory.iam, 'deploy', missing, true)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      problems: [{ name: '--policy-arn', rule: 'must be the ARN of a policy that exists' }],
    });
  });

  it('that nobody may look up are attached all the same', async () => {
    const unknowable = { ...permissions, policyArns: ['arn:aws:iam::aws:policy/unknowable'] };
    expect((await permissionSteps(memory.iam, 'deploy', unknowable, true))[0]?.change).toBe('create');
  });

  it('that differ are shown with the difference', async () => {
    memory.inline.set('deploy/gitlab-ci', { ...policy, Statement: [] });
    const [, step] = await permissionSteps(memory.iam, 'deploy', permissions, false);
    expect(step?.change).toBe('update');
    expect(step?.lines.join('\n')).toContain('+');
    expect(step?.undo).toContain('put-role-policy');
  });
});
