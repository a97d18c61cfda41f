import { describe, expect, it } from 'vitest';
import { findToken } from '../../src/exchange/token-source.ts';

const all = {
  GITLAB_OIDC_TOKEN: 'gitlab',
  CIRCLE_OIDC_TOKEN_V2: 'two',
  CIRCLE_OIDC_TOKEN: 'one',
  MINE: 'mine',
};

describe('findToken', () => {
  it.each([
    ["GitLab's before all others", all, undefined, 'GITLAB_OIDC_TOKEN', 'gitlab'],
    [
      "CircleCI's second version",
      { ...all, GITLAB_OIDC_TOKEN: '' },
      undefined,
      'CIRCLE_OIDC_TOKEN_V2',
      'two',
    ],
    ["CircleCI's first version", { CIRCLE_OIDC_TOKEN: 'one' }, undefined, 'CIRCLE_OIDC_TOKEN', 'one'],
    ['the variable that is named, whatever else is set', all, 'MINE', 'MINE', 'mine'],
  ])('takes %s', (_, env, variable, name, text) => {
    expect(findToken(env, variable)).toMatchObject({ name, text });
  });

  it.each([
    ['in GitLab', {}, undefined, 'GITLAB_OIDC_TOKEN', /"id_tokens" .* since GitLab 17\.0\.$/],
    ['in CircleCI', { CIRCLECI: 'true' }, undefined, 'CIRCLE_OIDC_TOKEN', /only to jobs with a context/],
    ['by name', all, 'OTHER', 'OTHER', /set with --token-env/],
  ])('says what to do if there is none %s', (_, env, variable, name, missing) => {
    const found = findToken(env, variable);
    expect(found).toMatchObject({ name, text: undefined });
    expect(found.missing).toMatch(missing);
  });
});
