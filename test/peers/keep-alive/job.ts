import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { roles, startSandbox } from '../../../sandbox/sandbox.ts';
import { root } from '../../support/run-program.ts';

/**
 * A job with `exec --keep-alive` and sessions of 15 minutes. It is started under faketime, with its hours as the first
 * argument and a command that uses the sessions, and prints what STS saw as JSON.
 */
const [hours = '1', command = '', ...args] = process.argv.slice(2);
const seconds = Number(hours) * 3600;
const sandbox = await startSandbox();
const token = await sandbox.issuer.mint({ expiresInSeconds: seconds + 3600 });
const exec = [
  'exec',
  '--keep-alive',
  '--role-arn',
  roles.deploy,
  '--duration',
  '900',
  '--',
  command,
  ...args,
];
const failure = await promisify(execFile)(process.execPath, [join(root, 'dist/aws-oidc.mjs'), ...exec], {
  env: {
    ...process.env,
    GITLAB_OIDC_TOKEN: token,
    AWS_ENDPOINT_URL_STS: sandbox.sts.url,
    UNTIL: String(Date.now() / 1000 + seconds),
  },
}).then(
  () => '',
  (error) => String(error.stderr || error.message),
);
const asked = sandbox.sts.answers.filter(({ action }) => action === 'GetCallerIdentity');
const result = {
  failure,
  exchanges: sandbox.sts.requests.filter(({ action }) => action === 'AssumeRoleWithWebIdentity').length,
  asked: asked.length,
  sessions: new Set(asked.map(({ keyId }) => keyId)).size,
  refused: asked.filter(({ status }) => status !== 200).length,
};
process.stdout.write(JSON.stringify(result));
await sandbox.stop();
