import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTemplate } from '../support/configuration.ts';
import { blocks } from '../support/pages.ts';
import { otherFile, pipelineCases } from '../support/pipeline-cases.ts';
import { root } from '../support/run-program.ts';
import { checkoutWith, type Expanded, type ExpandedJob, expand, type Ref } from './rig.ts';

const address = (name: string) => `$CI_SERVER_FQDN/aws-oidc/aws-oidc/${name}@1.0.0`;
const role = 'arn:aws:iam::111111111111:role/deploy';
const test = 'test: { script: [echo] }\n';

function including(...includes: readonly (readonly [component: string, inputs: object])[]): string {
  const entries = includes.map(([name, inputs]) => ({
    component: address(name),
    inputs: { role_arn: role, ...inputs },
  }));
  return `include: ${JSON.stringify(entries)}\n`;
}

const variable = (job: ExpandedJob | undefined, key: string) =>
  job?.job_variables.find((entry) => entry.key === key)?.value;

const components = readdirSync(join(root, 'templates')).map((file) => file.replace('.yml', ''));

describe('a component with', () => {
  /** For each input, a value other than the default, often a difficult one. */
  const values: Readonly<Record<string, unknown>> = {
    role_arn: '$DEPLOY_ROLE_ARN',
    role_arns: ['one=$ONE', 'two=arn:aws:iam::111111111111:role/two'],
    audience: 'https://aws.example.com',
    duration: 900,
    region: 'eu-central-1',
    session_name: '$GITLAB_USER_LOGIN-"quoted"',
    stage: 'test',
    image: 'registry.example.com:5000/node:22',
    tags: ['linux', "o'neill", 'a: b', '#5'],
    policy:
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]} # "x": \\',
    policy_arns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    allowed_account_ids: ['012345678901'],
    role_chain: [role, role],
    external_id: 'shop-42: "x"',
    session_tags: ['ref', 'https://example.com/team'],
    transitive_tags: true,
    source_identity: 'user_login',
    env_prefix: 'PROD_',
    artifact_access: 'developer',
    expire_in: '2 days',
    rules: [
      { if: '$CI_COMMIT_TAG =~ /^v[0-9]+$/', when: 'manual' },
      { if: '$X == "a: b"', variables: { Y: 'z' } },
    ],
    profile: 'ci',
    shell: 'pwsh',
    registries: ['default', '$REGISTRY', 'public.ecr.aws'],
    ecr_registries: ['default', '222222222222.dkr.ecr.eu-central-1.amazonaws.com'],
    auth_config: '$REGISTRY_AUTH',
    keep_alive: true,
    organization_role: 'security/aws-oidc-audit',
    fail_on: 'critical',
    baseline: 'known "roles" of $CI_PROJECT_NAME.json',
  };
  const inputsOf = Object.fromEntries(
    components.map((component) => [component, readTemplate(component).inputs]),
  );
  const cases = components.flatMap((component) =>
    Object.keys(inputsOf[component] ?? {}).map((input) => {
      const hidden = component === 'same-job' || component === 'web-identity';
      const job_name = hidden ? '.my aws' : 'my aws: job';
      return [`${component}, ${input}`, component, { ...values, job_name }, input] as const;
    }),
  );
  /** For each input, values that it must refuse: not a list or number, no option, or text that could leave its quotes. */
  const refused = components.flatMap((component) =>
    Object.entries(inputsOf[component] ?? {}).flatMap(([input, { type = 'string', options }]) => {
      const texts = options === undefined ? ["x'", 'x\nscript: [evil]'] : ['other'];
      return (type === 'string' ? texts : ['x']).map(
        (value) => [`${component}, ${input}: ${JSON.stringify(value)}`, component, input, value] as const,
      );
    }),
  );
  let expanded: Readonly<Record<string, Expanded>>;
  beforeAll(async () => {
    const all = [
      ...cases.map(([name, component, given, input]) => [
        name,
        including([component, { [input]: given[input as never] }]) + test,
      ]),
      ...components.map((component) => [component, including([component, {}]) + test]),
    ];
    const wrong = refused.map(([name, component, input, value]) => [
      name,
      including([component, { [input]: value }]) + test,
    ]);
    expanded = {
      ...(await expand(Object.fromEntries(all))),
      ...(await expand(Object.fromEntries(wrong))),
    };
  });

  it.each(components)('its defaults is valid: %s', (component) => {
    expect(expanded[component]).toMatchObject({ valid: true, errors: [], warnings: [] });
  });

  it.each(cases)('one more input is valid: %s', (name) => {
    expect(expanded[name]).toMatchObject({ valid: true, errors: [], warnings: [] });
  });

  it('every input has a value to test it with', () => {
    for (const [name, , given, input] of cases) expect(given, name).toHaveProperty([input]);
  });

  it.each(refused)('a value that its input refuses is invalid: %s', (name, _, input) => {
    const { valid, errors } = expanded[name] ?? {};
    expect(valid).toBe(false);
    expect(errors?.join('\n')).toContain(`\`${input}\` input`);
  });

  it('the inputs of an audit has them in its variables, and its reports', () => {
    const auditWith = (input: string) =>
      expanded[`audit, ${input}`]?.jobs.find(({ name }) => name !== 'test');
    for (const input of ['organization_role', 'fail_on', 'baseline'])
      expect(variable(auditWith(input), `AWS_OIDC_AUDIT_${input.toUpperCase()}`)).toBe(values[input]);
    expect(auditWith('baseline')?.options.artifacts).toEqual({
      when: 'always',
      access: 'developer',
      expire_in: '30 days',
      paths: ['gl-code-quality-report.json'],
      reports: {
        codequality: ['gl-code-quality-report.json'],
        annotations: ['aws-oidc.annotations.json'],
      },
    });
  });

  it('a policy, a list and a rule keeps them character by character', () => {
    const jobOf = (input: string) =>
      expanded[`assume-role, ${input}`]?.jobs.find(({ name }) => name !== 'test');
    expect(variable(jobOf('policy'), 'AWS_OIDC_POLICY')).toBe(values.policy);
    expect(JSON.parse(variable(jobOf('role_chain'), 'AWS_OIDC_ROLE_CHAIN') ?? '')).toEqual(values.role_chain);
    expect(variable(jobOf('allowed_account_ids'), 'AWS_OIDC_ALLOWED_ACCOUNT_IDS')).toBe('["012345678901"]\n');
    expect(jobOf('tags')?.tag_list).toEqual(values.tags);
    expect(jobOf('rules')).toMatchObject({ rules: values.rules });
  });
});

describe('components in one pipeline', () => {
  const program = (job: ExpandedJob | undefined) =>
    [...(job?.options.before_script ?? []), ...(job?.options.script ?? [])].join('\n');

  it('work together, each of them twice', async () => {
    const names = [
      ['assume-role', 'assume-role 2'],
      ['diagnose', 'diagnose 2'],
      ['audit', 'audit 2'],
      ['same-job', '.aws-credentials', '.aws 2'],
      ['web-identity', '.aws-web-identity', '.web 2'],
    ] as const;
    const includes = names.flatMap(([component, ...jobs]) =>
      jobs.length === 1
        ? [[component, {}] as const, [component, { job_name: jobs[0], tags: ['linux'] }] as const]
        : jobs.map((job_name) => [component, { job_name }] as const),
    );
    const consumers = [
      '.with-assume-role',
      '.with-assume-role 2',
      '.aws-credentials',
      '.aws 2',
      '.aws-web-identity',
      '.web 2',
    ];
    const pipeline =
      including(...includes) +
      consumers.map((base, index) => `job ${index}: { extends: '${base}', script: [echo] }\n`).join('');
    const { all } = await expand({ all: pipeline });
    expect(all).toMatchObject({ valid: true, errors: [], warnings: [] });
    const job = (wanted: string) => all?.jobs.find(({ name }) => name === wanted);
    for (const name of ['assume-role', 'assume-role 2'])
      expect(program(job(name))).toContain('/assume-role.mjs"');
    for (const name of ['diagnose', 'diagnose 2']) expect(program(job(name))).toContain('/doctor.mjs"');
    for (const name of ['audit', 'audit 2']) expect(program(job(name))).toContain('/audit.mjs"');
    for (const name of ['assume-role', 'audit'])
      expect([job(name)?.tag_list, job(`${name} 2`)?.tag_list]).toEqual([undefined, ['linux']]);
    for (const index of [0, 1])
      expect(program(job(`job ${index}`))).toContain('no credentials came from the job');
    for (const index of [2, 3]) expect(program(job(`job ${index}`))).toContain('/assume-role.mjs"');
    for (const index of [4, 5]) expect(program(job(`job ${index}`))).toContain('AWS_WEB_IDENTITY_TOKEN_FILE');
  });

  it('carry one program in a job, the larger one only if an input needs it', async () => {
    const base = (job_name: string, inputs = {}) => ['same-job', { job_name, ...inputs }] as const;
    const pipeline = `${including(base('.plain'), base('.alive', { keep_alive: true }))}
plain: { extends: .plain, script: [echo] }
alive: { extends: .alive, script: [echo] }
elsewhere: { extends: '.alive:token', script: [ !reference [.alive, before_script], echo ] }
both: { extends: .plain, before_script: [ !reference [.plain, before_script], echo ], script: [echo] }
`;
    const { all } = await expand({ all: pipeline });
    expect(all).toMatchObject({ valid: true, errors: [], warnings: [] });
    for (const { name, options } of all?.jobs ?? []) {
      const text = [...(options.before_script ?? []), ...options.script].join('\n');
      const named = [...text.matchAll(/[\w-]+\.mjs/g)].map(String);
      expect([name, [...new Set(named)]]).toEqual([
        name,
        [/plain|both/.test(name) ? 'assume-role.mjs' : 'same-job.mjs'],
      ]);
      expect(text.match(/^H4sI/gm)).toHaveLength(1);
    }
  });

  it('keep their own programs in two versions', async () => {
    const older = readTemplate('assume-role').text.replace(/^ {6}[A-Za-z0-9+/]{120}$/m, '      OLDER');
    const checkout = checkoutWith('older', older);
    const pipeline = including(
      ['older', { job_name: 'old' }],
      ['assume-role', {}],
      ['older', { job_name: 'old 2' }],
    );
    const { two } = await expand({ two: pipeline }, { checkout });
    const jobs = Object.fromEntries(
      (two?.jobs ?? []).map((job) => [job.name, program(job).includes('OLDER')]),
    );
    expect(jobs).toEqual({ old: true, 'assume-role': false, 'old 2': true });
  });
});

describe('the input shell', () => {
  it.each([
    ['same-job', '.aws-credentials', 3],
    ['web-identity', '.aws-web-identity', 1],
  ] as const)(
    'selects the one shell that a job of %s carries, also with !reference',
    async (component, hidden, entries) => {
      const pipeline = `${including([component, { shell: 'pwsh' }], [component, { job_name: '.posix' }])}
windows: { extends: '${hidden}', script: [echo] }
both: { extends: '${hidden}', before_script: [!reference ['${hidden}', before_script], mine], script: [echo] }
elsewhere: { extends: '${hidden}:token', script: [!reference ['${hidden}', before_script], mine] }
linux: { extends: .posix, script: [echo] }
`;
      const { all } = await expand({ all: pipeline });
      expect(all).toMatchObject({ valid: true, errors: [], warnings: [] });
      const of = (wanted: string) => all?.jobs.find(({ name }) => name === wanted)?.options;
      const powershell = of('windows')?.before_script ?? [];
      expect(powershell).toHaveLength(entries);
      expect(powershell.join('\n')).toMatch(
        /Set-PSDebug -Off[\s\S]*\$ErrorActionPreference = \$aws_oidc_preference/,
      );
      expect(of('both')?.before_script).toEqual([...powershell, 'mine']);
      expect(of('elsewhere')?.script).toEqual([...powershell, 'mine']);
      expect(of('linux')?.before_script?.join('\n')).not.toContain('$ErrorActionPreference');
      expect(of('linux')?.before_script).toHaveLength(entries);
    },
  );
});

describe('the job of audit', () => {
  it.each([
    ['schedule', 'branch:main', true],
    ['web', 'branch:main', true],
    ['push', 'branch:main', false],
    ['api', 'branch:main', false],
    ['schedule', 'branch:feature', false],
    ['merge_request_event', 'merge_request:feature', false],
    ['push', 'tag:v1', false],
  ] as const)('in a pipeline started by "%s" for %s: %s', async (source, ref, isIncluded) => {
    const variables = { CI_PIPELINE_SOURCE: source };
    const { audit } = await expand({ audit: including(['audit', {}]) + test }, { ref, variables });
    expect(audit?.jobs.find(({ name }) => name === 'audit')?.included).toBe(isIncluded);
  });
});

describe('every pipeline in the documentation and examples', () => {
  const refs: readonly Ref[] = ['branch:main', 'branch:feature', 'merge_request:feature', 'tag:v1'];
  const examples = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.gitlab-ci.yml'));
  const files = ['.gitlab-ci.yml', ...examples.map((file) => `examples/${file}`)];
  const pipelines: Readonly<Record<string, string>> = Object.fromEntries([
    ...files.map((file) => [file, readFileSync(join(root, file), 'utf8')]),
    ...blocks('yaml').filter(([place]) => !place.startsWith('docs/migrating')),
  ]);
  const byRef = new Map<Ref, Readonly<Record<string, Expanded>>>();
  const scheduled = new Map<Ref, Readonly<Record<string, Expanded>>>();
  beforeAll(async () => {
    for (const ref of refs) byRef.set(ref, await expand(pipelines, { ref }));
    const variables = { CI_PIPELINE_SOURCE: 'schedule' };
    for (const ref of ['branch:main', 'branch:feature'] as const)
      scheduled.set(ref, await expand(pipelines, { ref, variables }));
  });

  it.each(refs.flatMap((ref) => Object.keys(pipelines).map((place) => [place, ref] as const)))(
    'is valid: %s on %s',
    (place, ref) => {
      expect(byRef.get(ref)?.[place]).toMatchObject({ valid: true, errors: [], warnings: [] });
    },
  );

  // the program `pipeline` gives a report to every later job, whatever its stage, so this is checked here
  it.each(Object.keys(pipelines))(
    'gives the credentials to jobs of later stages, or to those that need them: %s',
    (place) => {
      const jobs = byRef.get('branch:main')?.[place]?.jobs ?? [];
      for (const { name, options, stage_idx, needs_attributes } of jobs) {
        const sources = [...`${options.before_script}`.matchAll(/no credentials came from the job "(.+?)"/g)];
        for (const [, wanted] of sources) {
          const source = jobs.find((job) => job.name === wanted);
          const needed = needs_attributes?.some((need) => need.name === wanted);
          expect(needed ?? stage_idx > (source?.stage_idx ?? Number.POSITIVE_INFINITY), name).toBe(true);
        }
      }
    },
  );

  /** Jobs that fail if the role does not trust the ref. */
  const exchanging = ({ job_variables, options, when }: ExpandedJob) =>
    when !== 'manual' &&
    (job_variables.some(({ key }) => key === 'AWS_OIDC_ROLE_ARN') ||
      `${options.before_script}`.includes('AWS_OIDC_ACCESS_KEY_ID'));

  it.each(
    Object.keys(pipelines).filter((place) => place.startsWith('README.md') || place.startsWith('examples/')),
  )('requests credentials only on the default branch: %s', (place) => {
    const asking = refs.filter((ref) =>
      [byRef, scheduled].some((all) =>
        all.get(ref)?.[place]?.jobs.some((job) => job.included && exchanging(job)),
      ),
    );
    // a manual job does not request credentials until it is started
    const manual = byRef.get('branch:main')?.[place]?.jobs.every(({ when }) => when === 'manual');
    expect(asking).toEqual(manual ? [] : ['branch:main']);
  });
});

describe('a migrated pipeline', () => {
  // this code does not read child pipelines
  const cases = pipelineCases.filter(([name]) => name !== 'what-no-job-runs');
  const expandAll = (side: 'before' | 'after') =>
    expand(Object.fromEntries(cases.map(([name, texts]) => [name, texts[side]])), {
      others: { 'other.yml': otherFile },
    });
  let before: Readonly<Record<string, Expanded>>;
  let after: Readonly<Record<string, Expanded>>;
  beforeAll(async () => {
    [before, after] = await Promise.all([expandAll('before'), expandAll('after')]);
  });

  const touched = /CI_JOB_JWT|assume-role-with-web-identity|web_identity|AWS_WEB_IDENTITY/;

  it.each(cases.map(([name, texts]) => [name, texts.before] as const))(
    'has no new error, and the untouched jobs are the same: %s',
    (name, text) => {
      const [was, is] = [before[name], after[name]];
      // "secrets" is a keyword of the paid editions, and one mapping under "include" is read by newer versions
      expect(is?.errors.filter((error) => !was?.errors.includes(error))).toEqual([]);
      const jobs = Object.fromEntries((is?.jobs ?? []).map((job) => [job.name, job]));
      for (const job of was?.jobs ?? []) {
        expect(jobs).toHaveProperty([job.name]);
        if (touched.test(JSON.stringify(job))) continue;
        // a job that uses a variable set to the old one is changed as well
        if (text.includes('TOKEN: $CI_JOB_JWT') && JSON.stringify(job).includes('$TOKEN')) continue;
        expect(jobs[job.name]).toEqual(job);
      }
    },
  );
});
