import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanSessionName, defaultSessionName } from '../../src/exchange/session-name.ts';

describe('cleanSessionName', () => {
  it.each([
    ['keeps a good name', 'GitLabRunner-20-574', 'GitLabRunner-20-574'],
    ['keeps every character that STS takes', 'aZ0_+=,.@-', 'aZ0_+=,.@-'],
    ['replaces the slash of a branch name', 'feature/login', 'feature-login'],
    ['replaces spaces and line breaks', 'a b\nc', 'a-b-c'],
    ['replaces letters beyond ASCII, one for one', 'Müller-本番', 'M-ller---'],
    ['replaces an emoji by one character', 'ok🚀', 'ok-'],
    ['keeps the shortest name', 'ab', 'ab'],
    ['keeps the longest name', 'a'.repeat(64), 'a'.repeat(64)],
    ['cuts to 64 characters', 'a'.repeat(70), 'a'.repeat(64)],
  ])('%s', (_, text, expected) => {
    expect(cleanSessionName(text)).toBe(expected);
  });

  it.each([[''], ['a']])('refuses "%s", which is too short', (text) => {
    expect(() => cleanSessionName(text)).toThrow('must have 2 to 64 characters');
  });

  it('returns a name that STS accepts for any text of two characters or more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 4 }), (text) => {
        expect(cleanSessionName(text)).toMatch(/^[\w+=,.@-]{2,64}$/);
      }),
    );
  });

  it('does not change a valid name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 4 }), (text) => {
        const once = cleanSessionName(text);
        expect(cleanSessionName(once)).toBe(once);
      }),
    );
  });
});

describe('defaultSessionName', () => {
  it.each([
    ['project and pipeline in GitLab', { CI_PROJECT_ID: '20', CI_PIPELINE_ID: '574' }, 'GitLabRunner-20-574'],
    ['the workflow in CircleCI', { CIRCLECI: 'true', CIRCLE_WORKFLOW_ID: 'a-b' }, 'CircleCI-a-b'],
    ['CircleCI alone, where it names no workflow', { CIRCLECI: 'true' }, 'CircleCI'],
    ['nothing else elsewhere', {}, 'GitLabRunner'],
  ])('names %s', (_, env, name) => {
    expect(defaultSessionName(env)).toBe(name);
  });
});
