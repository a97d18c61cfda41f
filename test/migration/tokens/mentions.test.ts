import { describe, expect, it } from 'vitest';
import { serviceOf } from '../../../src/migration/tokens/legacy-variable.ts';
import { mentionsIn, redefinedIn, type TextKind } from '../../../src/migration/tokens/mentions.ts';

const forms = (text: string, kind: TextKind = 'script') => mentionsIn(text, kind).map(({ form }) => form);

describe('the name of a legacy variable in a script', () => {
  it.each([
    ['an expansion', './login "$CI_JOB_JWT_V2"', ['value']],
    ['one with a default', './login "${CI_JOB_JWT_V2:-none}"', ['value']],
    ['its length', 'echo ${#CI_JOB_JWT_V2}', ['value']],
    ['in a here-document', 'cat <<E > x\n$CI_JOB_JWT_V2\nE', ['value']],
    ['in PowerShell', 'if ($a) { & login $env:CI_JOB_JWT_V2 }', ['value']],
    ['in cmd.exe', 'login.exe %CI_JOB_JWT_V2%', ['value']],
    ['by its name', 'printenv CI_JOB_JWT_V2', ['value']],
    ['in code', `python3 -c "import os; print(os.environ['CI_JOB_JWT_V2'])"`, ['value']],
    ['in jq', `jq -n '$ENV.CI_JOB_JWT_V2'`, ['value']],
    ['as an argument of a program', './login --token-variable CI_JOB_JWT_V2', ['value']],
    ['a test', '[ -v CI_JOB_JWT_V2 ]', ['value']],
    ['among the environment', 'env | grep CI_JOB_JWT_V2', ['value']],
    ['for a container', 'docker run -e CI_JOB_JWT_V2 image', ['pass']],
    ['for a build', 'docker build --build-arg CI_JOB_JWT_V2 .', ['pass']],
    [
      'for a container, with its value',
      'docker run -e CI_JOB_JWT_V2="$CI_JOB_JWT_V2" image',
      ['text', 'value'],
    ],
    [
      'in what a container runs',
      `docker run -e CI_JOB_JWT_V2 image sh -c 'login "$CI_JOB_JWT_V2"'`,
      ['pass', 'text'],
    ],
    ['taken away', 'unset CI_JOB_JWT_V2', ['forget']],
    ['taken away from one command', 'env -u CI_JOB_JWT_V2 ./test', ['forget']],
    ['the left side', 'CI_JOB_JWT_V2="$CI_JOB_JWT_V2" ./login', ['text', 'value']],
    ['said', 'echo "CI_JOB_JWT_V2 is gone"', ['text']],
    ['said in single quotes', `echo 'use $CI_JOB_JWT_V2'`, ['text']],
    ['looked for in files', 'grep -rn CI_JOB_JWT_V2 src', ['text']],
    ['a file', 'rm -f /tmp/CI_JOB_JWT_V2.txt', ['text']],
    ['a comment', 'ls # $CI_JOB_JWT_V2', ['text']],
    ['for another pipeline', "cat > child.yml <<'E'\nx: { script: ['$CI_JOB_JWT_V2'] }\nE", ['elsewhere']],
    ['for another pipeline, escaped', 'cat > child.yml <<E\nx: "\\$CI_JOB_JWT_V2"\nE', ['elsewhere']],
    ['in a manifest of now', 'cat > secret.yml <<E\ntoken: $CI_JOB_JWT_V2\nE', ['value']],
  ])('%s', (_, script, expected) => {
    expect(forms(script)).toEqual(expected);
  });

  it.each([
    ['MY_CI_JOB_JWT_V2', []],
    ['$CI_JOB_JWT_FILE', []],
    ['$CI_JOB_JWT_V3', []],
  ])('%s is another variable', (script, expected) => {
    expect(forms(script)).toEqual(expected);
  });
});

describe('the name of a legacy variable in another value', () => {
  it.each<[string, TextKind, string[]]>([
    ['$CI_JOB_JWT_V2', 'variable', ['value']],
    ['$$CI_JOB_JWT_V2', 'variable', ['value']],
    ['CI_JOB_JWT_V2', 'variable', ['value']],
    ['CI_JOB_JWT_V2', 'other', ['text']],
    ['a CI_JOB_JWT_V2', 'variable', ['text']],
    ['${CI_JOB_JWT_V2}', 'other', ['value']],
  ])('%s as %s', (text, kind, expected) => {
    expect(forms(text, kind)).toEqual(expected);
  });
});

describe('a legacy variable that a script defines itself', () => {
  it.each([
    ['export CI_JOB_JWT_V2=$GITLAB_OIDC_TOKEN', ['CI_JOB_JWT_V2']],
    ['CI_JOB_JWT=$X', ['CI_JOB_JWT']],
    ['CI_JOB_JWT_V2=$CI_JOB_JWT_V2 ./login', []],
    ['export CI_JOB_JWT_V2="${CI_JOB_JWT_V2:-}"', []],
    ['CI_JOB_JWT_V2=$X ./login', []],
  ])('%s', (script, names) => {
    expect(redefinedIn(script)).toEqual(names);
  });
});

it('is fast for a command with many options', () => {
  expect(serviceOf(`aws ${'--a '.repeat(5000)}x`)).toBe('aws');
});
