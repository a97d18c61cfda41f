/** One POST and its answer read, with `request` of node:http. */
const post = `
const body = new URLSearchParams({
  Action: 'AssumeRoleWithWebIdentity',
  Version: '2011-06-15',
  RoleArn: process.env.AWS_OIDC_ROLE_ARN,
  RoleSessionName: 'floor',
  DurationSeconds: '3600',
  WebIdentityToken: process.env.GITLAB_OIDC_TOKEN,
}).toString();
const headers = {
  'content-type': 'application/x-www-form-urlencoded',
  'content-length': Buffer.byteLength(body),
};
const sent = request(process.env.AWS_ENDPOINT_URL_STS, { method: 'POST', headers }, (answer) => {
  answer.setEncoding('utf8').resume();
  answer.on('end', () => process.exit(answer.statusCode === 200 ? 0 : 1));
});
sent.end(body);
`;

/**
 * The least that an exchange can cost in Node, as a program for `node -e`: as an ES module, and loaded by
 * require. They differ, since an import of node:http reads all that it exports, and with it Node's fetch.
 */
export const floor = {
  module: ['--input-type=module', '-e', `import { request } from 'node:http';${post}`],
  require: ['--input-type=commonjs', '-e', `const { request } = require('node:http');${post}`],
} as const;
