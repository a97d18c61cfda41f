import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { chooseComponent } from '../../../src/migration/component/component-choice.ts';
import { recipesOf } from '../../../src/migration/component/job-plan.ts';
import { parsePipelineFile } from '../../../src/migration/pipeline-file.ts';
import { Project } from '../../../src/migration/project.ts';

const call =
  'aws sts assume-role-with-web-identity --role-arn "$ROLE" --role-session-name ci --web-identity-token "$CI_JOB_JWT_V2"';
const keys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
const exported = keys.map((name) => `export ${name}=$(echo "$STS" | jq -r .x)`);
const printf = 'printf "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_SESSION_TOKEN=%s"';

/** The recipe of a job with these scripts. */
function find(
  script: readonly string[],
  rest: Readonly<Record<string, unknown>> = {},
  files: Record<string, string> = {},
) {
  const text = stringify({ deploy: { script, ...rest } }, { lineWidth: 0 });
  const project = new Project([parsePipelineFile('.gitlab-ci.yml', text)]);
  const repository = {
    naming: (word: string) => Object.keys(files).find((path) => files[path]?.includes(word)),
    has: (path: string) => path in files,
    text: (path: string) => files[path],
    withLegacy: [],
  };
  const [one] = recipesOf('deploy', project, repository);
  if (one === undefined) return undefined;
  if ('message' in one.found) return one.found.message;
  const { recipe, around } = one.found;
  return { ...recipe.values, kept: around.kept.map(({ command }) => command.text) };
}

const values = { roleArn: '$ROLE', sessionName: 'ci', token: 'CI_JOB_JWT_V2' };

describe('a recipe is read', () => {
  it.each<[string, string[]]>([
    ['from a variable', [`STS=$(${call})`, ...exported]],
    ['in backticks', [`STS=\`${call}\``, ...exported]],
    ['in one block', [[`STS=$(${call})`, ...exported].join('\n')]],
    ['in one chain', [[`STS=$(${call})`, ...exported].join(' && ')]],
    [
      'with one export for all',
      [`STS=$(${call})`, ...exported.map((one) => one.slice(7)), `export ${keys.join(' ')}`],
    ],
    ['by printf', [`export $(${printf} $(${call} --output text))`]],
    ['by printf of a variable', [`out=$(${call} --output text)`, `export $(${printf} $out)`]],
    ['as an array', [`A=($(${call}))`, ...keys.map((name, index) => `export ${name}="\${A[${index}]}"`)]],
    ['by read', [`read -r ${keys.join(' ')} <<< "$(${call})"`, `export ${keys.join(' ')}`]],
    [
      'by read of a process',
      [
        `read -r A B C < <(${call})`,
        'export AWS_ACCESS_KEY_ID=$A AWS_SECRET_ACCESS_KEY=$B AWS_SESSION_TOKEN=$C',
      ],
    ],
    [
      'by positional parameters',
      [`set -- $(${call})`, ...keys.map((name, index) => `export ${name}=$${index + 1}`)],
    ],
    [
      'by eval',
      [
        `eval $(${call} | jq -r '.Credentials | "export AWS_ACCESS_KEY_ID=\\(.AccessKeyId) AWS_SECRET_ACCESS_KEY=\\(.x) AWS_SESSION_TOKEN=\\(.y)"')`,
      ],
    ],
    [
      'from a file',
      [`${call} > sts.json`, ...keys.map((name) => `export ${name}=$(jq -r .x sts.json)`), 'rm sts.json'],
    ],
    [
      'by a sourced file',
      [
        `${call} | jq -r '"export AWS_ACCESS_KEY_ID=\\(.a)\\nexport AWS_SECRET_ACCESS_KEY=\\(.b)\\nexport AWS_SESSION_TOKEN=\\(.c)"' > x.env`,
        '. ./x.env',
        'rm -f x.env',
      ],
    ],
    [
      'under set -a',
      [
        `${call} | jq -r '"AWS_ACCESS_KEY_ID=\\(.a)\\nAWS_SECRET_ACCESS_KEY=\\(.b)\\nAWS_SESSION_TOKEN=\\(.c)"' > x.env`,
        'set -a',
        'source x.env',
        'set +a',
      ],
    ],
    [
      'with a token of a file',
      [
        'echo "$CI_JOB_JWT_V2" > /tmp/t',
        `STS=$(${call.replace('"$CI_JOB_JWT_V2"', 'file:///tmp/t')})`,
        ...exported,
      ],
    ],
    [
      'with a token by another name',
      ['T=$CI_JOB_JWT_V2', `STS=$(${call.replace('CI_JOB_JWT_V2', 'T')})`, ...exported],
    ],
    ['that ends the job if it fails', [`STS=$(${call}) || { echo "no role"; exit 1; }`, ...exported]],
    [
      'with a check of its response',
      [`STS=$(${call})`, 'if [ -z "$STS" ]; then echo none; exit 1; fi', ...exported],
    ],
    ['that is retried', [`until STS=$(${call}); do sleep 5; done`, ...exported]],
    ['with a command that unsets its variables', [`STS=$(${call})`, ...exported, 'unset STS']],
  ])('%s', (_, script) => {
    expect(find([...script, 'aws s3 ls'])).toEqual({ ...values, kept: ['aws s3 ls'] });
  });

  const profile = ['role_arn = $ROLE', 'role_session_name = ci', 'web_identity_token_file = $HOME/.aws/t'];
  const token = 'echo "$CI_JOB_JWT_V2" > ~/.aws/t';
  it.each<[string, string[]]>([
    [
      'by a here-document',
      ['mkdir -p ~/.aws', token, `cat > ~/.aws/config <<E\n[profile p]\n${profile.join('\n')}\nE`],
    ],
    [
      'line by line',
      [
        token,
        'echo "[profile p]" > ~/.aws/config',
        ...profile.map((line) => `echo "${line}" >> ~/.aws/config`),
      ],
    ],
    ['by printf', [token, `printf "[profile p]\\n${profile.join('\\n')}\\n" > $HOME/.aws/config`]],
    [
      'by the AWS CLI',
      [token, ...profile.map((line) => `aws configure set ${line.replace(' = ', ' ')} --profile p`)],
    ],
  ])('as a profile %s', (_, script) => {
    expect(find([...script, 'aws s3 ls --profile p'])).toEqual({
      ...values,
      profile: 'p',
      kept: ['aws s3 ls --profile p'],
    });
  });

  it('as variables of the SDK, with a temporary file and the trap that removes it', () => {
    const script = [
      'T=$(mktemp)',
      `trap 'rm -f "$T"' EXIT`,
      'echo "$CI_JOB_JWT_V2" > "$T"',
      'export AWS_ROLE_ARN=$ROLE AWS_ROLE_SESSION_NAME=ci AWS_WEB_IDENTITY_TOKEN_FILE=$T',
      'terraform apply',
    ];
    expect(find(script)).toEqual({ ...values, kept: ['T=$(mktemp)', 'terraform apply'] });
  });

  it('with values that the script sets', () => {
    const script = ['ROLE="arn:aws:iam::${ACCOUNT}:role/deploy"', `STS=$(${call})`, ...exported];
    expect(find(script)).toMatchObject({ roleArn: 'arn:aws:iam::${ACCOUNT}:role/deploy' });
  });

  it('with values of a script of the repository', () => {
    const script = ['. ci/roles.sh', `STS=$(${call})`, ...exported];
    const roles = { 'ci/roles.sh': 'ROLE=arn:aws:iam::111111111111:role/deploy\n' };
    expect(find(script, {}, roles)).toMatchObject({ roleArn: 'arn:aws:iam::111111111111:role/deploy' });
  });
});

describe('a recipe is left, and the reason is', () => {
  const other = (option: string) => [`STS=$(${call} ${option})`, ...exported];
  it.each<[string, string[], string]>([
    [
      'a role that the shell computes',
      ['ROLE=$(cat role)', `STS=$(${call})`, ...exported],
      'the role is computed by the shell',
    ],
    [
      'a role that an if sets',
      ['if a; then ROLE=b; fi', `STS=$(${call})`, ...exported],
      'the role is computed by the shell',
    ],
    [
      'a script that cannot be read',
      ['. ./roles.sh', `STS=$(${call})`, ...exported],
      'the role may be set by ". ./roles.sh"',
    ],
    [
      'a session name that the shell computes',
      [`STS=$(${call.replace('name ci', 'name "ci-$(date +%s)"')})`, ...exported],
      'the role session name is computed',
    ],
    ['a session policy', other('--policy file://p.json'), 'the option --policy'],
    ['an "if"', [`if a; then STS=$(${call}); fi`, ...exported], 'it is in an "if"'],
    [
      'a login that may fail',
      [`if STS=$(${call}); then ${exported.join('; ')}; else echo none; fi`],
      'it is in an "if"',
    ],
    [
      'several accounts',
      [`for ROLE in a b; do STS=$(${call}); ${exported.join('; ')}; done`],
      'the role is computed by the shell',
    ],
    ['a function', [`f() { STS=$(${call}); }`, 'f', ...exported], 'it is in a function'],
    [
      'a failure that is ignored',
      [`STS=$(${call}) || true`, ...exported],
      'the script continues if it fails',
    ],
    ['the background', [`${call} > x &`, 'wait'], 'it runs in the background'],
    [
      'keys under other names',
      [`STS=$(${call})`, 'export TF_VAR_key=$(echo $STS | jq -r .x)'],
      'are not exported as AWS_ACCESS_KEY_ID',
    ],
    [
      'two roles',
      [`STS=$(${call})`, ...exported, `STS=$(${call})`, ...exported],
      'the job assumes several roles',
    ],
    ['PowerShell', [`$r = ${call}`], 'could not be analyzed: $r ='],
    [
      'another profile in its file',
      [
        'echo "$CI_JOB_JWT_V2" > ~/.aws/t',
        'printf "[default]\\noutput=json\\n[profile p]\\nrole_arn=$ROLE\\nweb_identity_token_file=$HOME/.aws/t\\n" > ~/.aws/config',
      ],
      'it also writes the profile "default"',
    ],
  ])('%s', (_, script, reason) => {
    expect(find(script)).toContain(reason);
  });

  it('that it is in after_script', () => {
    expect(find(['ls'], { after_script: [`STS=$(${call})`, ...exported] })).toContain(
      'it is in "after_script"',
    );
  });
});

describe('a recipe is left if something reads', () => {
  const token = [
    'T=$(mktemp)',
    'echo "$CI_JOB_JWT_V2" > "$T"',
    'export AWS_ROLE_ARN=$ROLE AWS_WEB_IDENTITY_TOKEN_FILE=$T',
  ];
  it.each<[string, string[], string]>([
    ['its response', [`STS=$(${call})`, ...exported, 'echo "$STS" | ./report'], 'the response in "STS"'],
    [
      'its response, to end the job with success',
      [`STS=$(${call})`, 'if [ -z "$STS" ]; then echo none; exit 0; fi', ...exported],
      'the response in "STS"',
    ],
    [
      'its file by name',
      [
        `${call} > /tmp/sts.json`,
        ...keys.map((name) => `export ${name}=$(jq -r .x /tmp/sts.json)`),
        './report /tmp/sts.json',
      ],
      'its file "sts.json"',
    ],
    [
      'its file by a variable',
      [...token, 'docker run -v "$T:/token" image'],
      'its file, through the variable "T"',
    ],
    [
      'the keys',
      [`STS=$(${call})`, ...exported, 'docker run -e AWS_ACCESS_KEY_ID image'],
      'reads the keys directly',
    ],
    [
      'the environment',
      [`STS=$(${call})`, ...exported, 'env | grep ^AWS_ > aws.env'],
      'reads the keys directly',
    ],
    [
      'its exit code',
      [`STS=$(${call})`, '[ $? -eq 0 ] || exit 1', ...exported],
      'the exit code of one of its commands',
    ],
    ['another profile', [`STS=$(${call})`, ...exported, 'aws s3 ls --profile other'], 'the profile "other"'],
  ])('%s', (_, script, reason) => {
    const text = stringify({ deploy: { script } }, { lineWidth: 0 });
    const project = new Project([parsePipelineFile('.gitlab-ci.yml', text)]);
    const nothing = { naming: () => undefined, has: () => false, text: () => undefined, withLegacy: [] };
    const choices = recipesOf('deploy', project, nothing).map((one) =>
      chooseComponent(one, project, undefined),
    );
    expect(choices).toMatchObject([{ message: expect.stringContaining(reason) }]);
  });
});

describe('hostile input is handled quickly', () => {
  const lines = (count: number, line: string) => Array<string>(count).fill(line);
  it.each<[string, string[], Record<string, string>, Record<string, unknown>]>([
    ['a script that sources itself', ['. ci/a.sh'], { 'ci/a.sh': '. ci/b.sh', 'ci/b.sh': '. ci/a.sh' }, {}],
    ['a variable that doubles', lines(100, 'A="$A$A"'), {}, {}],
    ['a file that doubles', lines(100, 'cat x x > x'), {}, {}],
    ['variables of variables', ['echo x > "$A"'], {}, { variables: { A: '$A'.repeat(2000) } }],
  ])('%s', (_, script, files, rest) => {
    expect(find([...script, `STS=$(${call})`, ...exported], rest, files)).toMatchObject({
      sessionName: 'ci',
    });
  });
});

describe('not a recipe:', () => {
  it.each<[string, string[]]>([
    [
      'a token of a pod',
      [
        'export AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
        'aws s3 ls',
      ],
    ],
    ['a message about one', ['echo "aws sts assume-role-with-web-identity is done elsewhere"']],
    ['a comment', [`# STS=$(${call})\nls`]],
  ])('%s', (_, script) => {
    expect(find(script)).toBeUndefined();
  });
});
