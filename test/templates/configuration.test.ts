import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Inputs, parseTemplate, readPipeline, readTemplate } from '../support/configuration.ts';
import { blocks } from '../support/pages.ts';
import { root } from '../support/run-program.ts';

const names = readdirSync(join(root, 'templates')).map((file) => file.replace('.yml', ''));

/** A value of each type that is not a default. */
const other: Readonly<Record<string, unknown>> = {
  number: 900,
  array: ['a', 'b'],
  string: 'x_1',
  boolean: true,
};

describe.each(names)('templates/%s.yml', (name) => {
  const { inputs, configure } = readTemplate(name);
  const required: Inputs = { role_arn: 'arn:aws:iam::111111111111:role/deploy' };

  it('is a header and a configuration without unfilled inputs', () => {
    expect(JSON.stringify(configure(required))).not.toContain('$[[');
  });

  it.each(Object.keys(inputs))('uses the input %s everywhere', (input) => {
    const { type = 'string', options, default: value } = inputs[input] ?? {};
    const given =
      options?.at(-1) ??
      (input === 'job_name' ? `${value}2` : input === 'rules' ? [{ if: '$X' }] : other[type]);
    const jobs = configure({ ...required, [input]: given });
    if (input !== 'role_arn') expect(jobs).not.toEqual(configure(required));
    expect(JSON.stringify(jobs)).toContain(
      Array.isArray(given) ? String(Object.values(given[0])[0]) : `${given}`,
    );
  });

  // every string input is between single quotes in YAML and in the shell scripts
  it.each(Object.keys(inputs))(
    'describes the input %s, and its text cannot break out of its quotes',
    (input) => {
      const { description, type = 'string', options } = inputs[input] ?? {};
      expect(description?.length).toBeGreaterThan(10);
      if (type !== 'string' || options !== undefined) return;
      for (const evil of ["x'", "'", "x'\nscript: [evil]", 'x\nscript: [evil]', 'x\r', '\n', "a\n'b"]) {
        expect(() => configure({ ...required, [input]: evil })).toThrow(`${input} does not match`);
      }
    },
  );

  it('has no global keyword, and shares no job name with another include', () => {
    const one = Object.keys(configure(required));
    const two = Object.keys(configure({ ...required, job_name: `${inputs.job_name?.default}2` }));
    expect(one.filter((job) => two.includes(job))).toEqual([]);
    for (const job of one) expect(job).toContain(inputs.job_name?.default);
  });
});

describe('a pipeline that GitLab reads', () => {
  const examples = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.gitlab-ci.yml'));
  const files = ['.gitlab-ci.yml', ...examples.map((file) => `examples/${file}`)];
  const pipelines = [
    ...files.map((file) => [file, readFileSync(join(root, file), 'utf8')] as const),
    ...blocks('yaml').filter(([page]) => !page.startsWith('docs/migrating.md')),
  ];

  it.each(pipelines)('is %s', (_, text) => {
    expect(Object.keys(readPipeline(text)).length).toBeGreaterThan(0);
  });

  it.each([
    ['assume-role', '.with-assume-role'],
    ['same-job', '.aws-credentials'],
    ['web-identity', '.aws-web-identity'],
  ])('lets a job keep its own script and add the before_script of %s', (component, hidden) => {
    const { deploy } = readPipeline(`
include:
  - component: $CI_SERVER_FQDN/a/b/${component}@1.0.0
    inputs: { role_arn: x }
deploy:
  extends: ${hidden}
  before_script: [!reference [${hidden}, before_script], mine]
  script: [ours]
`);
    expect(deploy?.before_script?.length).toBeGreaterThan(1);
    expect(deploy?.before_script?.at(-1)).toBe('mine');
    expect(deploy?.script).toEqual(['ours']);
  });
});

describe('a template that GitLab would read differently from its author', () => {
  const header = 'spec:\n  inputs:\n    x: {type: array}\n---\n';
  const configure = (text: string) => parseTemplate(text).configure({ x: ['a'] });

  it.each([
    [
      'with an input inside a tag',
      `${header}job: {script: [!reference [".x-$[[ inputs.x ]]", script]]}`,
      'inside a tag',
    ],
    ['with another tag', `${header}job: {script: !custom [a]}`, 'the tag !custom'],
    ['of three documents', `${header}job: {script: [a]}\n---\nb: {}\n`, 'two documents, not 3'],
    ['of one document', 'job: {script: [a]}\n', 'two documents, not 1'],
    [
      'with a word that is a boolean to YAML 1.1',
      `${header}job: {script: [a], interruptible: yes}`,
      'YAML 1.1',
    ],
    ['with a number in base 60', `${header}job: {script: [a], timeout: 10:00}`, 'YAML 1.1'],
    ['with an input that is not declared', `${header}job: {script: ['$[[ inputs.y ]]']}`, 'unknown input y'],
    [
      'with a list of mappings inside a text',
      `${header}job: {script: ['a $[[ inputs.x ]]']}`,
      'only a list of texts',
      [{ a: 1 }],
    ],
  ] as const)('is refused: one %s', (_, text, message, x: unknown = ['a']) => {
    expect(() => parseTemplate(text).configure({ x })).toThrow(message);
  });

  it('has an array if a scalar is just an input, and text if there is more', () => {
    const { job } = configure(`${header}job:\n  script: $[[ inputs.x ]]\n  tags: ['is $[[ inputs.x ]]']\n`);
    expect(job).toEqual({ script: ['a'], tags: ['is ["a"]'] });
  });
});

describe('a pipeline that GitLab refuses', () => {
  it.each([
    ['that extends nothing', 'a: {extends: .b, script: [x]}', 'a extends .b, which is not there'],
    [
      'that refers to nothing',
      'a: {script: [!reference [.b, script]]}',
      '!reference [.b, script] could not be found',
    ],
    ['that needs nothing', 'a: {script: [x], needs: [b]}', 'a needs b, which is not there'],
    ['without a script', 'a: {stage: test}', 'a has no script'],
    ['without rules', 'a: {script: [x], rules: []}', 'a has no list of rules'],
  ])('is refused: one %s', (_, text, message) => {
    expect(() => readPipeline(text)).toThrow(message);
  });
});

describe('a pipeline that users copy', () => {
  const examples = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.gitlab-ci.yml'));
  const copied = [
    ...examples.map(
      (file) => [`examples/${file}`, readFileSync(join(root, 'examples', file), 'utf8')] as const,
    ),
    ...blocks('yaml').filter(([page, text]) => page.startsWith('README.md') && text.includes('component:')),
  ];
  const main = '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH';
  const isMain = (rule: string) => rule === main || (rule.startsWith(`${main} && `) && !rule.includes('||'));
  // the messages of the components' scripts identify the jobs that use them
  const isOurs = (job: object) => JSON.stringify(job).includes('aws-oidc: ');

  it.each(copied)(
    'requests credentials only on the default branch, or when started manually: %s',
    (_, text) => {
      const jobs = Object.entries(readPipeline(text)).filter(([, job]) => isOurs(job));
      expect(jobs).not.toEqual([]);
      for (const [name, job] of jobs) {
        const { rules = [], when } = job as {
          readonly rules?: readonly { if?: string; when?: string }[];
          when?: string;
        };
        const isSafe =
          when === 'manual' ||
          (rules.length > 0 && rules.every((rule) => isMain(rule.if ?? '') || rule.when === 'manual'));
        expect({ name, isSafe }).toEqual({ name, isSafe: true });
      }
    },
  );
});
