import { describe, expect, it } from 'vitest';
import { isProtectedBy, rulesFor, trustedRefs } from '../../../src/commands/setup/trusted-refs.ts';

describe('rulesFor', () => {
  it.each([
    [['main'], [], []],
    [['next'], [], ['$CI_COMMIT_BRANCH == "next"']],
    [['main', 'next'], [], ['$CI_COMMIT_BRANCH == "main"', '$CI_COMMIT_BRANCH == "next"']],
    [[], ['v1.0'], ['$CI_COMMIT_TAG == "v1.0"']],
    [['release/*'], ['v*'], ['$CI_COMMIT_BRANCH =~ /^release\\/.*$/', '$CI_COMMIT_TAG =~ /^v.*$/']],
    [['a"b'], [], [`$CI_COMMIT_BRANCH == 'a"b'`]],
    [[`a"b'c`], [], [`$CI_COMMIT_BRANCH =~ /^a"b'c$/`]],
    [['a.b*'], [], ['$CI_COMMIT_BRANCH =~ /^a\\.b.*$/']],
  ])('selects the branches %j and the tags %j', (branches, tags, rules) => {
    expect(rulesFor({ branches, tags }, 'main')).toEqual(rules);
  });
});

describe('trustedRefs', () => {
  it('takes the default branch only if no ref is named', () => {
    expect(trustedRefs({}, 'main')).toEqual({ branches: ['main'], tags: [] });
    expect(trustedRefs({ tag: ['v1'] }, 'main')).toEqual({ branches: [], tags: ['v1'] });
    expect(trustedRefs({ branch: ['next'] }, 'main')).toEqual({ branches: ['next'], tags: [] });
    expect(trustedRefs({}, undefined)).toEqual({ branches: [], tags: [] });
  });
});

describe('isProtectedBy', () => {
  it.each([
    ['main', 'main', true],
    ['release/*', 'release/1', true],
    ['*-stable', '1-stable', true],
    ['*', 'anything', true],
    ['main', 'maintenance', false],
    ['release/*', 'main', false],
  ])('reads the rule %s for the branch %s', (rule, branch, expected) => {
    expect(isProtectedBy(rule, branch)).toBe(expected);
  });
});
