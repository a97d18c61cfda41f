import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Certificate, makeCertificate } from './certificate.ts';
import { startControl } from './control.ts';
import { account, externalId, roles, startSandbox, trustIssuer, tryPolicy } from './sandbox.ts';

/** `npm run sandbox`: runs until it is stopped, and tells how to use it. */
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    tls: { type: 'boolean' },
    'trust-issuer': { type: 'string' },
    'trust-project': { type: 'string' },
    policy: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) {
  console.log(`npm run sandbox -- [--port PORT] [--tls] [--trust-issuer URL [--trust-project PATH]] [--policy FILE]

  --port PORT           the port of STS (default: a free one)
  --tls                 STS speaks HTTPS, with a certificate made for it
  --trust-issuer URL    the roles trust tokens of this issuer instead, a real GitLab for example; its keys are fetched
  --trust-project PATH  and of this project of it (default: acme/shop)
  --policy FILE         gives a trust policy of yours to a role, to try it out`);
} else {
  await start();
}

async function start(): Promise<void> {
  const certificate = values.tls ? await makeCertificate() : undefined;
  const sandbox = await startSandbox({
    ...(values.port !== undefined && { stsPort: Number(values.port) }),
    ...(certificate && { certificate }),
  });
  const issuer = values['trust-issuer'];
  if (issuer !== undefined) trustIssuer(sandbox.sts, { issuer, projectPath: values['trust-project'] });
  const tried =
    values.policy === undefined ? undefined : tryPolicy(sandbox, readFileSync(values.policy, 'utf8'));
  const control = await startControl(sandbox);
  console.log(`The sandbox runs until you stop it (Ctrl-C). Nothing of it is real, and nothing leaves this machine.

  STS      ${sandbox.sts.url}
  issuer   ${sandbox.issuer.url}
  roles    ${roles.deploy}              project acme/shop, branch main
           ${roles.build}            project acme/shop, any ref, up to 12 hours
           ${roles.production}          from the role deploy, external id ${externalId}
           (account ${account} has the provider for the issuer)
${tried === undefined ? '' : `           ${tried}              your policy; mint tokens in the name of its issuer:\n           curl --get '${control.url}/token' --data-urlencode 'claims={"iss":"https://gitlab.com","aud":"https://gitlab.com"}'\n`}
In another terminal, as a job would:

  export AWS_ENDPOINT_URL_STS=${sandbox.sts.url}
${certificate ? `  export AWS_CA_BUNDLE=${writeCertificate(certificate)}\n` : ''}  export GITLAB_OIDC_TOKEN="$(curl -s '${control.url}/token?ref=main')"
  node dist/aws-oidc.mjs assume-role --role-arn ${roles.deploy}

Tokens take project_path, ref, ref_type, environment, aud, expires_in, and claims (JSON, to set any of them):

  curl '${control.url}/token?ref=v1.0&ref_type=tag&aud=https://gitlab.com'

Faults meet the next requests, n times, then all is well again:

  curl '${control.url}/fault' -d '{"kind":"error","error":"throttling","retryAfter":"2"}'
  curl '${control.url}/fault?times=3' -d '{"kind":"reset","when":"before-answer"}'
  curl '${control.url}/fault' -d '{"kind":"status","status":503}'
  curl '${control.url}/fault' -d '{"kind":"delay","ms":3000}'
  curl '${control.url}/fault' -d '{"kind":"truncate"}'
  curl '${control.url}/fault' -d '{"kind":"garbage","body":"<html>"}'

The errors that "error" takes are listed in sandbox/sts-errors.ts.`);
}

function writeCertificate({ cert }: Certificate): string {
  const file = join(mkdtempSync(join(tmpdir(), 'aws-oidc-sandbox-')), 'ca.pem');
  writeFileSync(file, cert);
  return file;
}
