import { describe, expect, it } from 'vitest';
import { readRecipe } from '../../src/pipeline/recipe.ts';

const sts =
  'aws sts assume-role-with-web-identity --role-arn $ROLE --role-session-name ci --web-identity-token $CI_JOB_JWT_V2';

describe('readRecipe', () => {
  it.each<[string, readonly string[], object]>([
    [
      'jq',
      [`X=$(${sts})`, `AWS_ACCESS_KEY_ID=$(echo "$X" | jq -r .Credentials.AccessKeyId)`],
      { roleArn: '$ROLE', sessionName: 'ci' },
    ],
    [
      'backticks',
      [`X=\`${sts} --duration-seconds=900\``],
      { roleArn: '$ROLE', sessionName: 'ci', durationSeconds: '900' },
    ],
    [
      'read',
      [
        `read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<< "$(${sts} --output text)"`,
        'export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN',
      ],
      { roleArn: '$ROLE', sessionName: 'ci' },
    ],
    [
      'a region of the call and of the shell',
      [`X=$(${sts} --region eu-west-1)`, 'export AWS_DEFAULT_REGION=eu-central-1'],
      { roleArn: '$ROLE', sessionName: 'ci', region: 'eu-central-1' },
    ],
    [
      'aws configure',
      [
        'aws configure set role_arn $ROLE --profile x',
        'aws configure set web_identity_token_file /tmp/t --profile x',
      ],
      { roleArn: '$ROLE', profile: 'x' },
    ],
    [
      'a token by default',
      [`X=$(${sts.replace('$CI_JOB_JWT_V2', '"${CI_JOB_JWT_V2:-$X}"')})`],
      { roleArn: '$ROLE', sessionName: 'ci' },
    ],
  ])('reads a recipe with %s', (_, scripts, values) => {
    expect(readRecipe(scripts)).toMatchObject({ values });
  });

  it.each<[string, readonly string[], string]>([
    ['a role that is computed', [`X=$(${sts.replace('$ROLE', '$(./role)')})`], 'X=$('],
    ['a flag that it does not know', [`X=$(${sts} --policy file://p.json)`], 'X=$('],
    ['another command in between', [`X=$(${sts})`, 'rm -rf /tmp/x'], 'rm -rf /tmp/x'],
    [
      'two commands in one line',
      [`X=$(${sts})`, 'AWS_ACCESS_KEY_ID=$(echo x; rm y)'],
      'AWS_ACCESS_KEY_ID=$(echo x; rm y)',
    ],
    ['a token of unknown origin', [`X=$(${sts.replace('$CI_JOB_JWT_V2', '"$(cat token)"')})`], 'X=$('],
    ['no role', ['export AWS_WEB_IDENTITY_TOKEN_FILE=/tmp/t'], 'export AWS_WEB_IDENTITY_TOKEN_FILE=/tmp/t'],
  ])('does not claim to understand %s', (_, scripts, command) => {
    const result = readRecipe(scripts);
    expect('command' in result && result.command.startsWith(command)).toBe(true);
  });

  it.each([
    `X=$(${'aws sts assume-role-with-web-identity '.repeat(2000)})`,
    `AWS_ACCESS_KEY_ID=$(echo ${'a'.repeat(100_000)}`,
  ])('answers for text that is made to keep it busy %#', (script) => {
    expect(readRecipe([script])).toHaveProperty('command');
  });
});
