import fc from 'fast-check';
import { expect, it } from 'vitest';
import { roleNameFor } from '../../../src/commands/setup/role-name.ts';

it('a role name is made of the project path', () => {
  expect(roleNameFor('acme/team/shop')).toBe('gitlab-acme-team-shop');
});

it('a role name is one that IAM accepts', () => {
  const segment = fc.stringMatching(/^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,60}$/);
  fc.assert(
    fc.property(fc.array(segment, { minLength: 2, maxLength: 5 }), (segments) => {
      expect(roleNameFor(segments.join('/'))).toMatch(/^[\w+=,.@-]{1,64}$/);
    }),
  );
});

it('long paths that begin alike have different role names', () => {
  const long = `acme/${'x'.repeat(80)}`;
  expect(roleNameFor(`${long}a`)).not.toBe(roleNameFor(`${long}b`));
});
