import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextError } from '../../src/text/text-error.ts';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';
import { root } from '../support/run-program.ts';

const policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::111111111111:oidc-provider/gitlab.com' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { 'gitlab.com:aud': 'https://gitlab.com' } },
    },
  ],
};
const asText = JSON.stringify(policy);
const template = readFileSync(join(root, 'test/fixtures/policies/template.yml'), 'utf8');

describe('expensive input', () => {
  it.each([
    ['comments without an end', `${'// '.repeat(50_000)}x`],
    ['empty comments', `${'/**/'.repeat(50_000)}x`],
    ['many aliases', `Statement: &a x\nb: [${'*a, '.repeat(60_000)}]`],
    ['many line breaks', `${'\n'.repeat(300_000)}x`],
    ['an alias of itself in a list', 'Statement: &a [*a]'],
    ['an alias of itself in a mapping', 'Statement: &a {x: *a}'],
  ])('is rejected quickly: %s', (_, text) => {
    const started = performance.now();
    expect(() => {
      const [found] = findPolicies(text);
      if ((found?.policy.problems.length ?? 0) > 0) throw new TextError('problems', 0);
    }).toThrow(TextError);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('findPolicies', () => {
  it('handles an unterminated string quickly, and rejects a text that is too long', () => {
    const started = performance.now();
    expect(() => findPolicies(`["${'\\\\"'.repeat(500_000)}`)).toThrow(TextError);
    expect(() => findPolicies(`[${' '.repeat(20_000_000)}]`)).toThrow('longer than 20000000 characters');
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it.each<[string, unknown, readonly string[]]>([
    ['a bare policy', policy, ['']],
    ['aws iam get-role', { Role: { RoleName: 'deploy', AssumeRolePolicyDocument: policy } }, ['deploy']],
    [
      'get-role of the API itself',
      { Role: { RoleName: 'x', AssumeRolePolicyDocument: encodeURIComponent(asText) } },
      ['x'],
    ],
    [
      'list-roles',
      {
        Roles: [
          { RoleName: 'a', AssumeRolePolicyDocument: policy },
          { RoleName: 'b', AssumeRolePolicyDocument: asText },
        ],
      },
      ['a', 'b'],
    ],
    [
      'a template in JSON',
      { Resources: { Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: policy } } } },
      ['Role'],
    ],
    [
      'a plan of Terraform, with modules',
      {
        planned_values: {
          root_module: {
            resources: [
              { address: 'aws_iam_role.a', type: 'aws_iam_role', values: { assume_role_policy: asText } },
              { address: 'aws_iam_role.later', type: 'aws_iam_role', values: {} },
              { address: 'aws_s3_bucket.b', type: 'aws_s3_bucket', values: { assume_role_policy: asText } },
            ],
            child_modules: [
              {
                resources: [
                  {
                    address: 'module.m.aws_iam_role.b',
                    type: 'aws_iam_role',
                    values: { assume_role_policy: asText },
                  },
                ],
              },
            ],
          },
        },
      },
      ['aws_iam_role.a', 'module.m.aws_iam_role.b'],
    ],
    [
      'a state of Terraform',
      {
        values: {
          root_module: {
            resources: [
              { address: 'aws_iam_role.s', type: 'aws_iam_role', values: { assume_role_policy: asText } },
            ],
          },
        },
      },
      ['aws_iam_role.s'],
    ],
  ])('reads %s', (_, document, roles) => {
    for (const text of [JSON.stringify(document), JSON.stringify(document, null, 2)]) {
      const found = findPolicies(text);
      expect(found.map(({ role }) => role)).toEqual(roles);
      for (const one of found) {
        expect(one.policy.problems).toEqual([]);
        expect(one.policy.statements[0]?.conditions[0]).toMatchObject({
          key: 'gitlab.com:aud',
          values: ['https://gitlab.com'],
        });
        expect(one.json).toEqual(policy);
      }
    }
  });

  it('reads a template in YAML, with short tags', () => {
    const found = findPolicies(template);
    expect(found.map(({ role }) => role)).toEqual(['Deploy', 'Broad', 'AsText']);
    const [deploy, broad, text] = found.map((one) => one.policy.statements[0]!);
    expect(deploy?.principals.federated).toEqual([
      'arn:${AWS::Partition}:iam::${AWS::AccountId}:oidc-provider/gitlab.com',
    ]);
    expect(deploy?.conditions.map(({ values }) => values)).toContainEqual([
      'project_path:acme/shop:ref_type:branch:ref:main',
    ]);
    expect(broad?.principals.federated).toEqual(['arn:aws:iam::${AWS::AccountId}:oidc-provider/gitlab.com']);
    expect(broad?.conditions[0]?.values).toEqual([
      'project_path:acme/shop:ref_type:branch:ref:main',
      'project_path:acme/*',
    ]);
    expect(text?.actions).toEqual(['sts:AssumeRoleWithWebIdentity']);
  });

  it('knows the place of every part', () => {
    const [deploy, broad] = findPolicies(template);
    expect(deploy?.place(deploy.policy.statements[0]?.offset ?? 0)).toEqual({ line: 17, column: 13 });
    expect(broad?.place(broad.policy.statements[0]?.conditions[0]?.offset ?? 0)).toEqual({
      line: 38,
      column: 17,
    });
  });

  it.each([
    ['no JSON at all', '{"Version"', /^invalid JSON: colon expected$/],
    ['a trailing comma', '{"Statement": [],}', /^invalid JSON: property name expected$/],
    ['two values', '{} {}', /^invalid JSON: end of file expected$/],
    ['an empty file', '', /^(invalid|no trust policy)/],
    ['a text', '"x"', /^no trust policy found/],
    ['JSON without a policy', '{"a": 1}', /^no trust policy found/],
    ['YAML that is none', 'a: [b', /^invalid YAML: /],
    ['a tab for indentation', 'a:\n\tb: c', /^invalid YAML: /],
    ['several documents', 'a: 1\n---\nb: 2\n', /^more than one YAML document$/],
    [
      'a policy as text that is none',
      '{"Role": {"AssumeRolePolicyDocument": "{"}}',
      /^the policy of .* is a string: invalid JSON/,
    ],
    [
      'a text that is cut',
      '{"Role": {"AssumeRolePolicyDocument": "%7B%"}}',
      /^the policy of .* is a string: URI malformed/,
    ],
    ['an anchor that is not there', 'Resources: *x', /^invalid YAML: |^there is no anchor "x"$/],
    ['deep nesting in JSON', '['.repeat(100_000), /^nested deeper than 200 levels$/],
    ['deep nesting in YAML', `a: ${'['.repeat(20_000)}`, /^nested too deeply$|^invalid YAML: /],
  ])('rejects %s', (_, text, message) => {
    expect(() => findPolicies(text)).toThrow(TextError);
    expect(() => findPolicies(text)).toThrow(message);
  });

  it('rejects aliases that expand too far', () => {
    const levels = Array.from({ length: 12 }, (_, index) => {
      const below = index === 0 ? '[x, x, x, x, x, x, x, x]' : `[${`*a${index - 1}, `.repeat(8)}]`;
      return `a${index}: &a${index} ${below}`;
    });
    expect(() => findPolicies(`${levels.join('\n')}\nResources: *a11\n`)).toThrow(
      'too large because of aliases',
    );
  });

  it.each<[string, unknown, string]>([
    [
      'a resource',
      { ...policy, Statement: [{ ...policy.Statement[0], Resource: '*' }] },
      '"Resource" is not an element of a statement: a trust policy applies to its own role',
    ],
    [
      'no effect',
      { ...policy, Statement: [{ ...policy.Statement[0], Effect: 'allow' }] },
      '"Effect" must be "Allow" or "Deny"',
    ],
    [
      'no principal',
      { ...policy, Statement: [{ ...policy.Statement[0], Principal: undefined }] },
      'must have either "Principal" or "NotPrincipal"',
    ],
    [
      'a principal that is text',
      { ...policy, Statement: [{ ...policy.Statement[0], Principal: 'arn:x' }] },
      'a principal must be "*" or an object such as {"Federated": "arn:…"}',
    ],
    ['an unknown version', { ...policy, Version: '2020-01-01' }, '"Version" must be 2012-10-17'],
    ['no statement', { Version: '2012-10-17', Statement: [] }, '"Statement" is missing'],
    [
      'a condition that is a list',
      { ...policy, Statement: [{ ...policy.Statement[0], Condition: [] }] },
      '"Condition" must be an object',
    ],
    [
      'an object for a value',
      { ...policy, Statement: [{ ...policy.Statement[0], Action: {} }] },
      'must be a string',
    ],
  ])('reports %s', (_, document, message) => {
    const [found] = findPolicies(JSON.stringify(document));
    expect(found?.policy.problems.map((problem) => problem.message)).toContain(message);
  });

  it('reports a duplicate key, and uses the last one, as JSON does', () => {
    const text = asText.replace('"Effect":"Allow"', '"Effect":"Allow","Effect":"Deny"');
    const [found] = findPolicies(text);
    expect(found?.policy.problems[0]?.message).toBe(
      '"Effect" occurs twice in a statement: only the last one counts',
    );
    expect(found?.policy.statements[0]?.effect).toBe('Deny');
  });

  it('does not crash on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        for (const document of [
          a,
          { Statement: a, Version: b },
          { Statement: [{ Principal: a, Condition: b }] },
          { Resources: a, Parameters: b },
        ]) {
          try {
            findPolicies(JSON.stringify(document));
          } catch (error) {
            expect(error).toBeInstanceOf(TextError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('does not crash on any text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            '"',
            ':',
            ',',
            '\n',
            ' ',
            '!',
            '&',
            '*',
            'a',
            '-',
            '|',
            '<',
          ),
        }),
        (text) => {
          try {
            findPolicies(text);
          } catch (error) {
            expect(error).toBeInstanceOf(TextError);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
