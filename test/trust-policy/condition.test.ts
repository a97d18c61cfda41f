import { describe, expect, it } from 'vitest';
import { evaluateCondition, parseOperator } from '../../src/trust-policy/condition.ts';

/** The request that the cases are about. */
const context = new Map<string, readonly string[]>([
  ['gitlab.com:sub', ['project_path:acme/shop:ref_type:branch:ref:main']],
  ['gitlab.com:aud', ['https://gitlab.com']],
  ['gitlab.com:project_id', ['20']],
  ['gitlab.com:ref_protected', ['true']],
  ['gitlab.com:user_login', ['dev']],
  ['gitlab.com:branch', ['main']],
  ['gitlab.com:amr', ['authenticated', 'gitlab.com']],
  ['gitlab.com:empty', []],
  ['gitlab.com:star', ['a*b']],
  ['test:arn', ['arn:aws:iam::111111111111:role/path/deploy']],
  ['test:sourcearn', ['arn:aws:sns:eu-central-1:111111111111:topic:sub:1']],
  ['test:text', ['no arn']],
  ['test:number', ['42.5']],
  ['test:binary', ['aGVsbG8=']],
  ['test:ipv6', ['2001:db8::1']],
  ['aws:sourceip', ['192.0.2.7']],
  ['aws:currenttime', ['2026-06-15T12:00:00Z']],
  ['aws:epochtime', ['1781524800']],
]);

type Case = readonly [operator: string, key: string, values: string | readonly string[], met: boolean];

function decide(operator: string, key: string, values: string | readonly string[], version = '2012-10-17') {
  return evaluateCondition({ operator, key, values: [values].flat(), offset: 0 }, context, version);
}

const sub = 'gitlab.com:sub';
const main = 'project_path:acme/shop:ref_type:branch:ref:main';

const groups: Readonly<Record<string, readonly Case[]>> = {
  StringEquals: [
    ['StringEquals', sub, main, true],
    ['StringEquals', sub, `${main} `, false],
    ['StringEquals', sub, main.toUpperCase(), false],
    ['StringEquals', sub, 'project_path:acme/shop:*', false],
    ['StringEquals', sub, ['x', main], true],
    ['StringEquals', sub, ['x', 'y'], false],
    ['StringEquals', sub, [], false],
    ['StringEquals', 'gitlab.com:star', 'a*b', true],
    ['StringEquals', 'gitlab.com:star', 'a?b', false],
    ['StringEquals', 'GitLab.com:SUB', main, true],
    ['StringEquals', 'gitlab.com:absent', 'x', false],
    ['stringequals', sub, main, true],
    ['StringEquals', 'gitlab.com:amr', 'authenticated', false],
    ['StringEquals', 'gitlab.com:project_id', '20', true],
    ['StringEquals', 'gitlab.com:project_id', '020', false],
  ],
  StringNotEquals: [
    ['StringNotEquals', sub, main, false],
    ['StringNotEquals', sub, 'x', true],
    ['StringNotEquals', sub, ['x', main], false],
    ['StringNotEquals', sub, ['x', 'y'], true],
    ['StringNotEquals', 'gitlab.com:absent', 'x', true],
    ['StringNotEquals', sub, 'project_path:*', true],
  ],
  'StringEqualsIgnoreCase and its negation': [
    ['StringEqualsIgnoreCase', sub, main.toUpperCase(), true],
    ['StringEqualsIgnoreCase', sub, 'x', false],
    ['StringEqualsIgnoreCase', 'gitlab.com:absent', 'x', false],
    ['StringNotEqualsIgnoreCase', sub, main.toUpperCase(), false],
    ['StringNotEqualsIgnoreCase', sub, 'x', true],
    ['StringNotEqualsIgnoreCase', 'gitlab.com:absent', 'x', true],
  ],
  StringLike: [
    ['StringLike', sub, main, true],
    ['StringLike', sub, '*', true],
    ['StringLike', sub, 'project_path:acme/*', true],
    ['StringLike', sub, 'project_path:acme*main', true],
    ['StringLike', sub, 'project_path:*:ref:main', true],
    ['StringLike', sub, 'project_path:acme/shop:ref_type:tag:*', false],
    ['StringLike', sub, 'project_path:acme/sho?:*', true],
    ['StringLike', sub, 'project_path:acme/shop?:*', false],
    ['StringLike', sub, 'PROJECT_PATH:*', false],
    ['StringLike', sub, ['tag:*', 'project_path:acme/*'], true],
    ['StringLike', sub, `${main}*`, true],
    ['StringLike', sub, `${main}?`, false],
    ['StringLike', sub, '', false],
    ['StringLike', sub, 'project_path:acme/shop:ref_type:branch:ref:ma.n', false],
    ['StringLike', sub, 'project_path:acme/shop:ref_type:branch:ref:[lm]ain', false],
    ['StringLike', 'gitlab.com:absent', '*', false],
  ],
  StringNotLike: [
    ['StringNotLike', sub, 'project_path:acme/*', false],
    ['StringNotLike', sub, 'project_path:other/*', true],
    ['StringNotLike', sub, ['a*', 'project_path:*'], false],
    ['StringNotLike', sub, ['a*', 'b*'], true],
    ['StringNotLike', 'gitlab.com:absent', '*', true],
  ],
  'ArnEquals and ArnLike, which are the same': [
    ['ArnEquals', 'test:arn', 'arn:aws:iam::111111111111:role/path/deploy', true],
    ['ArnEquals', 'test:arn', 'arn:aws:iam::111111111111:role/*', true],
    ['ArnLike', 'test:arn', 'arn:aws:iam::*:role/path/deploy', true],
    ['ArnLike', 'test:arn', 'arn:*:iam::111111111111:role/p?th/*', true],
    ['ArnLike', 'test:arn', 'arn:aws:*', false],
    ['ArnLike', 'test:arn', 'arn:aws:iam:*:role/path/deploy', false],
    ['ArnLike', 'test:arn', '*', false],
    ['ArnLike', 'test:arn', 'arn:aws:iam::222222222222:role/*', false],
    ['ArnLike', 'test:arn', 'ARN:aws:iam::111111111111:role/*', false],
    ['ArnLike', 'test:sourcearn', 'arn:aws:sns:*:111111111111:topic:*', true],
    ['ArnLike', 'test:sourcearn', 'arn:aws:sns:*:111111111111:topic', false],
    ['ArnLike', 'test:text', 'arn:aws:iam::*:role/*', false],
    ['ArnLike', 'gitlab.com:absent', 'arn:aws:iam::*:role/*', false],
    ['ArnNotLike', 'test:arn', 'arn:aws:iam::222222222222:role/*', true],
    ['ArnNotEquals', 'test:arn', 'arn:aws:iam::111111111111:role/*', false],
    ['ArnNotLike', 'test:text', 'arn:aws:iam::222222222222:role/*', false],
    ['ArnNotLike', 'gitlab.com:absent', 'arn:aws:iam::222222222222:role/*', true],
  ],
  Numeric: [
    ['NumericEquals', 'gitlab.com:project_id', '20', true],
    ['NumericEquals', 'gitlab.com:project_id', '20.0', true],
    ['NumericEquals', 'gitlab.com:project_id', '21', false],
    ['NumericEquals', 'gitlab.com:project_id', ['19', '20'], true],
    ['NumericEquals', 'gitlab.com:project_id', 'twenty', false],
    ['NumericEquals', 'test:text', '20', false],
    ['NumericNotEquals', 'gitlab.com:project_id', '21', true],
    ['NumericNotEquals', 'gitlab.com:project_id', '20', false],
    ['NumericNotEquals', 'gitlab.com:project_id', 'twenty', false],
    ['NumericNotEquals', 'gitlab.com:absent', '20', true],
    ['NumericLessThan', 'test:number', '42.6', true],
    ['NumericLessThan', 'test:number', '42.5', false],
    ['NumericLessThanEquals', 'test:number', '42.5', true],
    ['NumericLessThanEquals', 'test:number', '42', false],
    ['NumericGreaterThan', 'test:number', '42', true],
    ['NumericGreaterThan', 'test:number', '42.5', false],
    ['NumericGreaterThanEquals', 'test:number', '42.5', true],
    ['NumericGreaterThanEquals', 'test:number', '-1', true],
    ['NumericGreaterThan', 'gitlab.com:absent', '1', false],
    ['NumericLessThan', 'test:number', '0x50', false],
  ],
  Date: [
    ['DateGreaterThan', 'aws:CurrentTime', '2026-01-01T00:00:00Z', true],
    ['DateGreaterThan', 'aws:CurrentTime', '2026-06-15T12:00:00Z', false],
    ['DateGreaterThanEquals', 'aws:CurrentTime', '2026-06-15T12:00:00Z', true],
    ['DateLessThan', 'aws:CurrentTime', '2026-06-15T14:00:00+01:00', true],
    ['DateLessThan', 'aws:CurrentTime', '2026-06-15T14:00:00+02:00', false],
    ['DateLessThanEquals', 'aws:CurrentTime', '2026-06-15', false],
    ['DateEquals', 'aws:CurrentTime', '1781524800', true],
    ['DateEquals', 'aws:EpochTime', '2026-06-15T12:00:00Z', true],
    ['DateNotEquals', 'aws:CurrentTime', '2026-06-15T12:00:00.000Z', false],
    ['DateNotEquals', 'aws:CurrentTime', '2026-06-15T12:00:01Z', true],
    ['DateNotEquals', 'aws:CurrentTime', 'yesterday', false],
    ['DateLessThan', 'aws:CurrentTime', 'tomorrow', false],
    ['DateLessThan', 'gitlab.com:absent', '2030-01-01T00:00:00Z', false],
  ],
  Bool: [
    ['Bool', 'gitlab.com:ref_protected', 'true', true],
    ['Bool', 'gitlab.com:ref_protected', 'TRUE', true],
    ['Bool', 'gitlab.com:ref_protected', 'false', false],
    ['Bool', 'gitlab.com:ref_protected', ['false', 'true'], true],
    ['Bool', 'gitlab.com:ref_protected', 'yes', false],
    ['Bool', 'test:text', 'true', false],
    ['Bool', 'gitlab.com:absent', 'false', false],
  ],
  Null: [
    ['Null', 'gitlab.com:absent', 'true', true],
    ['Null', 'gitlab.com:absent', 'false', false],
    ['Null', sub, 'false', true],
    ['Null', sub, 'true', false],
    ['Null', sub, ['true', 'false'], true],
  ],
  IpAddress: [
    ['IpAddress', 'aws:SourceIp', '192.0.2.0/24', true],
    ['IpAddress', 'aws:SourceIp', '192.0.2.7', true],
    ['IpAddress', 'aws:SourceIp', '192.0.3.0/24', false],
    ['IpAddress', 'aws:SourceIp', '2001:db8::/32', false],
    ['IpAddress', 'test:ipv6', '2001:db8::/32', true],
    ['IpAddress', 'aws:SourceIp', '192.0.2.0/33', false],
    ['IpAddress', 'aws:SourceIp', 'everywhere', false],
    ['NotIpAddress', 'aws:SourceIp', '192.0.2.0/24', false],
    ['NotIpAddress', 'aws:SourceIp', '192.0.3.0/24', true],
    ['NotIpAddress', 'aws:SourceIp', '2001:db8::/32', true],
    ['NotIpAddress', 'test:text', '192.0.2.0/24', false],
    ['NotIpAddress', 'gitlab.com:absent', '192.0.2.0/24', true],
  ],
  BinaryEquals: [
    ['BinaryEquals', 'test:binary', 'aGVsbG8=', true],
    ['BinaryEquals', 'test:binary', 'aGVsbG8K', false],
    ['BinaryEquals', 'test:binary', 'not base64', false],
  ],
  IfExists: [
    ['StringEqualsIfExists', sub, main, true],
    ['StringEqualsIfExists', sub, 'x', false],
    ['StringEqualsIfExists', 'gitlab.com:absent', 'x', true],
    ['StringLikeIfExists', 'gitlab.com:absent', 'x', true],
    ['BoolIfExists', 'gitlab.com:absent', 'true', true],
    ['NumericLessThanIfExists', 'gitlab.com:absent', '1', true],
    ['StringNotEqualsIfExists', 'gitlab.com:absent', 'x', true],
    ['StringNotEqualsIfExists', sub, main, false],
  ],
  ForAnyValue: [
    ['ForAnyValue:StringEquals', 'gitlab.com:amr', 'authenticated', true],
    ['ForAnyValue:StringEquals', 'gitlab.com:amr', ['x', 'gitlab.com'], true],
    ['ForAnyValue:StringEquals', 'gitlab.com:amr', 'x', false],
    ['ForAnyValue:StringLike', 'gitlab.com:amr', 'auth*', true],
    ['ForAnyValue:StringEquals', 'gitlab.com:absent', 'x', false],
    ['ForAnyValue:StringEqualsIfExists', 'gitlab.com:absent', 'x', true],
    ['ForAnyValue:StringNotEquals', 'gitlab.com:amr', 'authenticated', true],
    ['ForAnyValue:StringNotEquals', 'gitlab.com:amr', ['authenticated', 'gitlab.com'], false],
    ['ForAnyValue:StringNotEquals', 'gitlab.com:absent', 'x', false],
    ['ForAnyValue:StringLike', sub, 'project_path:acme/*', true],
    ['ForAnyValue:StringEquals', 'gitlab.com:empty', 'x', false],
  ],
  ForAllValues: [
    ['ForAllValues:StringEquals', 'gitlab.com:amr', ['authenticated', 'gitlab.com', 'x'], true],
    ['ForAllValues:StringEquals', 'gitlab.com:amr', 'authenticated', false],
    ['ForAllValues:StringLike', 'gitlab.com:amr', '*', true],
    ['ForAllValues:StringEquals', 'gitlab.com:absent', 'x', true],
    ['ForAllValues:StringNotEquals', 'gitlab.com:amr', 'x', true],
    ['ForAllValues:StringNotEquals', 'gitlab.com:amr', 'authenticated', false],
    ['ForAllValues:StringNotEquals', 'gitlab.com:absent', 'x', true],
    ['ForAllValues:StringEquals', 'gitlab.com:empty', 'x', true],
    ['ForAllValues:StringLike', sub, 'project_path:acme/*', true],
    ['ForAllValues:StringLike', sub, 'project_path:other/*', false],
  ],
  'policy variables': [
    ['StringLike', sub, 'project_path:*:ref:${gitlab.com:branch}', true],
    ['StringEquals', 'gitlab.com:branch', '${gitlab.com:user_login}', false],
    ['StringEquals', 'gitlab.com:user_login', '${gitlab.com:user_login}', true],
    ['StringEquals', 'gitlab.com:user_login', '${GitLab.com:User_Login}', true],
    ['StringEquals', 'gitlab.com:user_login', '${gitlab.com:absent}', false],
    ['StringNotEquals', 'gitlab.com:user_login', '${gitlab.com:absent}', false],
    ['StringEquals', 'gitlab.com:user_login', "${gitlab.com:absent, 'dev'}", true],
    ['StringEquals', 'gitlab.com:star', 'a${*}b', true],
    ['StringLike', 'gitlab.com:star', 'a${*}b', true],
    ['StringLike', 'gitlab.com:branch', 'm${*}n', false],
    ['StringLike', 'gitlab.com:branch', 'm${?}in', false],
    ['StringLike', 'gitlab.com:star', '${gitlab.com:star}', true],
    ['StringEquals', 'gitlab.com:user_login', '${gitlab.com:amr}', false],
    ['StringEquals', 'gitlab.com:branch', '${$}{x}', false],
    ['ArnLike', 'test:arn', 'arn:aws:iam::${gitlab.com:absent}:role/*', false],
  ],
  'operators that there are not': [
    ['StringMatches', sub, main, false],
    ['NullIfExists', sub, 'false', false],
    ['ForSomeValues:StringEquals', sub, main, false],
    ['__proto__', sub, main, false],
    ['constructor', sub, main, false],
  ],
};

describe.each(Object.entries(groups))('%s', (_, cases) => {
  it.each(cases)('%s on %s for %j is met: %s … %s', (operator, key, values, met) => {
    expect(decide(operator, key, values).met).toBe(met);
  });
});

describe('evaluateCondition', () => {
  it('has enough cases', () => {
    expect(Object.values(groups).flat().length).toBeGreaterThanOrEqual(120);
  });

  it('compares variables literally in policies before 2012-10-17', () => {
    expect(
      decide('StringEquals', 'gitlab.com:user_login', '${gitlab.com:user_login}', '2008-10-17').met,
    ).toBe(false);
  });

  it('reports the actual value, and the effect of an absent key', () => {
    expect(decide('StringEquals', sub, 'x')).toMatchObject({ met: false, actual: [main], note: undefined });
    expect(decide('StringEquals', 'a:b', 'x')).toMatchObject({
      actual: undefined,
      note: 'the key is absent',
    });
    expect(decide('StringNotLike', 'a:b', 'x').note).toBe(
      'the key is absent, which meets a negated operator',
    );
  });
});

describe('parseOperator', () => {
  it.each([
    ['StringEquals', { quantifier: undefined, base: 'StringEquals', ifExists: false }],
    ['ForAnyValue:StringLikeIfExists', { quantifier: 'any', base: 'StringLike', ifExists: true }],
    ['ForAllValues:ArnLike', { quantifier: 'all', base: 'ArnLike', ifExists: false }],
    ['Null', { quantifier: undefined, base: 'Null', ifExists: false }],
    ['StringEqual', undefined],
    ['', undefined],
  ])('parses %s', (text, operator) => {
    expect(parseOperator(text)).toEqual(operator);
  });
});
