import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLike } from '../../src/identity/pattern.ts';
import { trustRequest } from '../../src/trust-policy/context.ts';
import { evaluate } from '../../src/trust-policy/evaluate.ts';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';
import { type SubjectPattern, whoCanAssume } from '../../src/trust-policy/who-can-assume.ts';

const role = { account: '111111111111', partition: 'aws' };
const now = new Date('2026-01-01T00:10:00Z');

/** A token of GitLab, as far as its `sub` shows it. */
interface Token {
  readonly host: string;
  readonly path: string;
  readonly type: string;
  readonly ref: string;
  readonly aud: string;
}

const hosts = ['gitlab.com', 'gitlab.example.com'];
const tokens: fc.Arbitrary<Token> = fc.record({
  host: fc.constantFrom(...hosts),
  path: fc.constantFrom('acme/shop', 'acme/shop-2', 'acme/sub/shop', 'acme2/shop', 'x/y'),
  type: fc.constantFrom('branch', 'tag'),
  ref: fc.constantFrom('main', 'Main', 'release/1', 'v1', 'x:y'.replace(':', '')),
  aud: fc.constantFrom('https://gitlab.com', 'other'),
});
const subOf = ({ path, type, ref }: Token) => `project_path:${path}:ref_type:${type}:ref:${ref}`;

/** A value near the token's sub, or near another one: with wildcards, cut, in another case, or with variables. */
const valuesNear = (token: Token) =>
  fc
    .tuple(
      fc.oneof(fc.constant(token), tokens),
      fc.constantFrom('path', 'ref', 'type', 'end', 'start', 'case', 'none', 'any', 'variable', 'question'),
      fc.nat(40),
    )
    .map(([token, how, at]) => {
      const sub = subOf(token);
      switch (how) {
        case 'path':
          return subOf({ ...token, path: token.path.replace(/\/.*/, '/*') });
        case 'ref':
          return subOf({ ...token, ref: '*' });
        case 'type':
          return subOf({ ...token, type: '*' });
        case 'end':
          return `${sub.slice(0, at)}*`;
        case 'start':
          return `*${sub.slice(at)}`;
        case 'case':
          return sub.toUpperCase();
        case 'any':
          return '*';
        case 'variable':
          return sub.replace(token.path, '${gitlab.com:sub}');
        case 'question':
          return `${sub.slice(0, at)}?${sub.slice(at + 1)}`;
        default:
          return sub;
      }
    });

const conditionsNear = (values: fc.Arbitrary<string>) =>
  fc.record({
    operator: fc.constantFrom(
      ...[
        'StringLike',
        'StringLike',
        'StringLike',
        'StringEquals',
        'StringEqualsIgnoreCase',
        'StringNotLike',
      ],
      ...[
        'StringNotEquals',
        'ForAnyValue:StringLike',
        'ForAllValues:StringEquals',
        'StringLikeIfExists',
        'ArnLike',
        'Null',
      ],
    ),
    key: fc.constantFrom(
      'gitlab.com:sub',
      'gitlab.com:sub',
      'GitLab.com:SUB',
      'gitlab.example.com:sub',
      'gitlab.com:aud',
    ),
    values: fc.oneof(values, fc.array(values, { maxLength: 2 })),
  });

const statementsNear = (values: fc.Arbitrary<string>) =>
  fc
    .record({
      Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
      principal: fc.oneof(
        fc.constantFrom<[string, unknown]>(
          ['Principal', '*'],
          ['Principal', { AWS: '*' }],
          ['Principal', { Federated: '*' }],
        ),
        fc
          .tuple(
            fc.constantFrom('Principal', 'Principal', 'Principal', 'NotPrincipal'),
            fc.subarray(hosts, { minLength: 1 }),
          )
          .map(([name, list]): [string, unknown] => [
            name,
            { Federated: list.map((host) => `arn:aws:iam::111111111111:oidc-provider/${host}`) },
          ]),
      ),
      Action: fc.constantFrom('sts:AssumeRoleWithWebIdentity', 'sts:*', 'sts:AssumeRole'),
      conditions: fc.array(conditionsNear(values), { maxLength: 2 }),
    })
    .map(({ Effect, principal, Action, conditions }) => {
      const Condition: Record<string, Record<string, unknown>> = {};
      for (const { operator, key, values: list } of conditions)
        Condition[operator] = { ...Condition[operator], [key]: list };
      return { Effect, [principal[0]]: principal[1], Action, Condition };
    });

const policiesNear = (token: Token) =>
  fc.record({
    Version: fc.constantFrom('2012-10-17', '2012-10-17', '2008-10-17'),
    Statement: fc.array(statementsNear(valuesNear(token)), { minLength: 1, maxLength: 3 }),
  });

/** A policy and a token that it may be about. */
const cases = tokens.chain((token) => fc.tuple(policiesNear(token), fc.constant(token)));

/** Does the pattern of an answer match the token's sub? */
function covers({ text, isPattern, ignoreCase }: SubjectPattern, sub: string): boolean {
  const [a, b] = ignoreCase ? [text.toLowerCase(), sub.toLowerCase()] : [text, sub];
  return isPattern ? isLike(b, [{ text: a, literal: false }]) : a === b;
}

const like = (text: string, pattern: string) => isLike(text, [{ text: pattern, literal: false }]);

/** Is the sentence true of the token? Reads the words as a person would, without the code that wrote them. */
function isTrueOf(words: string, token: Token): boolean {
  if (words.endsWith(', in upper or lower case')) {
    const lower = Object.fromEntries(
      Object.entries(token).map(([name, value]) => [name, value.toLowerCase()]),
    );
    return isTrueOf(
      words.slice(0, -', in upper or lower case'.length).toLowerCase(),
      lower as unknown as Token,
    );
  }
  if (words === 'any token of any identity provider in the account') return true;
  const [, host, verb, sub = ''] = /^tokens of (\S+) whose sub (is|matches) "(.*)"$/.exec(words) ?? [];
  if (host !== undefined) {
    return (
      host === token.host.toLowerCase() && (verb === 'is' ? sub === subOf(token) : like(subOf(token), sub))
    );
  }
  const [, body = '', where] =
    /^(.*?) on (\S+?)(?:, if sub has only the path| whose sub is ".*")?$/.exec(words) ?? [];
  if (where !== token.host) return false;
  const [, refs, projects = body] = /^(.*?) of (.*)$/.exec(body) ?? [];
  return areProjectsOf(projects, token) && (refs === undefined || areRefsOf(refs, token));
}

function areProjectsOf(words: string, { path }: Token): boolean {
  if (words === 'any project') return true;
  const [, group] = /^every project in (.*)$/.exec(words) ?? [];
  if (group !== undefined) return path.startsWith(`${group}/`);
  const [, start] = /^every project whose path begins with "(.*?)"(, in any group)?$/.exec(words) ?? [];
  if (start !== undefined) return path.startsWith(start);
  const [, pattern] = /^every project whose path matches "(.*)"$/.exec(words) ?? [];
  return pattern === undefined ? words === path : like(path, pattern);
}

function areRefsOf(words: string, { type, ref }: Token): boolean {
  if (words === 'jobs' || words === 'every branch and tag') return true;
  const [, pattern] = /^every branch and tag that matches "(.*)"$/.exec(words) ?? [];
  if (pattern !== undefined) return like(ref, pattern);
  const [, name] = /^every branch and tag named (.*)$/.exec(words) ?? [];
  if (name !== undefined) return name === ref;
  const [, kind, matching] = /^every (\w+)(?: that matches "(.*)")?$/.exec(words) ?? [];
  if (kind !== undefined) return kind === type && (matching === undefined || like(ref, matching));
  return words === `${type} ${ref}`;
}

describe('whoCanAssume', () => {
  it('covers every token that the policy allows, in its patterns and in its words', () => {
    let allowed = 0;
    let narrow = 0;
    fc.assert(
      fc.property(cases, ([policy, token]) => {
        const [found] = findPolicies(JSON.stringify(policy));
        const claims = { iss: `https://${token.host}`, sub: subOf(token), aud: token.aud };
        const { decision } = evaluate(found!.policy, trustRequest(claims, role, now));
        if (decision !== 'allow' && decision !== 'unknown') return;
        allowed++;
        const ofIssuer = whoCanAssume(found!.policy).filter(
          ({ issuer }) => issuer === undefined || issuer.toLowerCase() === token.host,
        );
        const covering = ofIssuer.filter(
          ({ subject }) => subject !== undefined && covers(subject, subOf(token)),
        );
        expect(covering).not.toEqual([]);
        for (const { words, breadth } of covering) {
          expect(isTrueOf(words.replace('GitLab.com', 'gitlab.com'), token), words).toBe(true);
          if (breadth === 'exact') narrow++;
        }
      }),
      { numRuns: 20_000 },
    );
    expect(allowed).toBeGreaterThan(2000);
    expect(narrow).toBeGreaterThan(30);
  });

  it('covers tokens without a sub', () => {
    fc.assert(
      fc.property(cases, ([policy, { host }]) => {
        const [found] = findPolicies(JSON.stringify(policy));
        const { decision } = evaluate(
          found!.policy,
          trustRequest({ iss: `https://${host}`, aud: 'x' }, role, now),
        );
        if (decision !== 'allow' && decision !== 'unknown') return;
        const who = whoCanAssume(found!.policy).filter(
          ({ issuer }) => issuer === undefined || issuer.toLowerCase() === host,
        );
        expect(who.some(({ subject }) => subject === undefined || subject.text === '*')).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});
