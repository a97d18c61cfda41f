import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessLevels } from '../../src/permissions/access-level.ts';
import { readIdentityPolicy } from '../../src/permissions/identity-policy.ts';
import { levelOf } from '../../src/permissions/level-of.ts';
import { contains, matches, overlap } from '../../src/permissions/pattern-sets.ts';

const role = { arn: 'arn:aws:iam::111111111111:role/deploy', policyArns: [] };

/** Requests, and the level that each of them proves. */
const requests = [
  ['s3:GetObject', 'arn:aws:s3:::shop/x', 'read-only'],
  ['s3:PutObject', 'arn:aws:s3:::shop/x', 'limited'],
  ['lambda:UpdateFunctionCode', 'arn:aws:lambda:eu-west-1:111111111111:function:f', 'limited'],
  ['iam:GetRole', 'arn:aws:iam::111111111111:role/other', 'read-only'],
  ['iam:PassRole', 'arn:aws:iam::111111111111:role/other', 'limited'],
  ['iam:CreateUser', 'arn:aws:iam::111111111111:user/other', 'iam-write'],
  ['iam:PutRolePolicy', 'arn:aws:iam::111111111111:role/other', 'iam-write'],
  ['iam:PutRolePolicy', 'arn:aws:iam::111111111111:role/q/z', 'privilege-escalation'],
  ['iam:PutRolePolicy', role.arn, 'privilege-escalation'],
  ['iam:PassRole', 'arn:aws:iam::111111111111:role/q/z', 'privilege-escalation'],
  ['sts:AssumeRole', 'arn:aws:iam::222222222222:role/q/z', 'privilege-escalation'],
] as const;

const pattern = fc.constantFrom(
  ...[
    '*',
    '*:*',
    's3:*',
    's3:Get*',
    's3:PutObject',
    's3:?*',
    'iam:*',
    'iam:Pass*',
    'iam:PassRole',
    'iam:*Role*',
  ],
  ...[
    'iam:Get*',
    'iam:PutRolePolicy',
    'iam:CreateUser',
    'sts:*',
    'sts:AssumeRole',
    'lambda:*',
    'IAM:passrole',
    '*Role',
  ],
);
const resource = fc.constantFrom(
  ...['*', 'arn:aws:s3:::*', 'arn:aws:s3:::shop/*', 'arn:aws:iam::*:role/*', 'arn:aws:iam::111111111111:*'],
  ...[
    'arn:aws:iam::111111111111:role/other',
    role.arn,
    'arn:*',
    'arn:aws:iam::222222222222:role/*',
    'arn:aws:iam::*',
  ],
);
const texts = (one: fc.Arbitrary<string>) => fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 }));

const statement = fc
  .record({
    effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
    action: fc.tuple(fc.constantFrom('Action', 'Action', 'NotAction'), texts(pattern)),
    resource: fc.tuple(fc.constantFrom('Resource', 'Resource', 'NotResource'), texts(resource)),
    isConditional: fc.boolean(),
  })
  .map(({ effect, action, resource, isConditional }) => ({
    Effect: effect,
    [action[0]]: action[1],
    [resource[0]]: resource[1],
    ...(isConditional && { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
  }));

type Written = Readonly<Record<string, unknown>>;

const asExpression = (wildcards: string) =>
  new RegExp(
    `^${wildcards
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  );

const isAmong = (text: string, list: unknown) =>
  [list].flat().some((one) => asExpression(String(one)).test(text));

function meets(written: Written, action: string, arn: string): boolean {
  const [about, on] = [
    written.Action === undefined ? !isAmong(action, written.NotAction) : isAmong(action, written.Action),
    written.Resource === undefined ? !isAmong(arn, written.NotResource) : isAmong(arn, written.Resource),
  ];
  return about && on;
}

/** As AWS documents it, with conditions as bad as they can be: those of Allow are met, those of Deny are not. */
function mayBeAllowed(statements: readonly Written[], action: string, arn: string): boolean {
  const meeting = statements.filter((one) => meets(one, action, arn));
  if (meeting.some(({ Effect, Condition }) => Effect === 'Deny' && Condition === undefined)) return false;
  return meeting.some(({ Effect }) => Effect === 'Allow');
}

describe('levelOf', () => {
  it('never is less than an allowed request proves', () => {
    let proven = 0;
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }), (statements) => {
        const { level } = levelOf(readIdentityPolicy({ Statement: statements })!, role);
        for (const [action, arn, least] of requests) {
          if (!mayBeAllowed(statements, action, arn)) continue;
          proven++;
          expect(accessLevels.indexOf(level), `${action} on ${arn}`).toBeGreaterThanOrEqual(
            accessLevels.indexOf(least),
          );
        }
      }),
      { numRuns: 5000 },
    );
    expect(proven).toBeGreaterThan(5000);
  });

  it('never is lower for more Allow statements', () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 3 }), statement, (statements, more) => {
        const of = (list: readonly Written[]) =>
          levelOf(readIdentityPolicy({ Statement: list })!, role).level;
        const wider = of([...statements, { ...more, Effect: 'Allow' }]);
        expect(accessLevels.indexOf(wider)).toBeGreaterThanOrEqual(accessLevels.indexOf(of(statements)));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('pattern sets', () => {
  const wildcards = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', ':'), maxLength: 5 });
  const word = fc.string({ unit: fc.constantFrom('a', 'b', ':'), maxLength: 5 });

  it('agree with the texts that patterns match', () => {
    fc.assert(
      fc.property(wildcards, wildcards, word, (one, other, text) => {
        expect(matches(text, one)).toBe(asExpression(one).test(text));
        if (matches(text, one) && matches(text, other)) expect(overlap(one, other)).toBe(true);
        if (contains(one, other) && matches(text, other)) expect(matches(text, one)).toBe(true);
        expect(overlap(one, other)).toBe(overlap(other, one));
      }),
      { numRuns: 5000 },
    );
  });

  it('overlap only if there is a common text', () => {
    const all = [
      '',
      'a',
      'b',
      'aa',
      'ab',
      'ba',
      'bb',
      'aba',
      'bab',
      'aab',
      'abb',
      'aaa',
      'bbb',
      'baa',
      'bba',
    ];
    const small = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 3 });
    fc.assert(
      fc.property(small, small, (one, other) => {
        if (!overlap(one, other)) return;
        const longer = all.flatMap((text) => all.map((more) => text + more));
        expect(longer.some((text) => matches(text, one) && matches(text, other))).toBe(true);
      }),
    );
  });
});
