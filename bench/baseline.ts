/** One POST, and its response read, with `request` of a module of Node. */
const post = `
const body = new URLSearchParams({
  Action: 'AssumeRoleWithWebIdentity',
  Version: '2011-06-15',
  RoleArn: process.env.AWS_OIDC_ROLE_ARN,
  RoleSessionName: 'baseline',
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
 * A minimal exchange in Node, as arguments of `node`. A module that is loaded by `require` is faster than an
 * imported one: an import of node:http reads all names that it exports, and with them Node's fetch.
 */
export const baseline = {
  httpImport: ['--input-type=module', '-e', `import { request } from 'node:http';${post}`],
  httpRequire: ['--input-type=commonjs', '-e', `const { request } = require('node:http');${post}`],
  httpsRequire: ['--input-type=commonjs', '-e', `const { request } = require('node:https');${post}`],
} as const;
