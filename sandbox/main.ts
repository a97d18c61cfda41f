import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Certificate, makeCertificate } from './certificate.ts';
import { startControl } from './control.ts';
import { account, externalId, roles, startSandbox, trustIssuer, tryPolicy } from './sandbox.ts';

/** `npm run sandbox`: prints how to use the sandbox, and runs until it is stopped. */
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

  --port PORT           port of STS (default: a free port)
  --tls                 use HTTPS for STS, with a new self-signed certificate
  --trust-issuer URL    make the roles trust this issuer instead, such as a real GitLab; STS fetches its keys
  --trust-project PATH  project that the roles trust, with --trust-issuer (default: acme/shop)
  --policy FILE         create a role with your trust policy, to try it out`);
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
  const reach = issuer === undefined ? 'nothing leaves this machine' : `only ${issuer} is contacted`;
  console.log(`The sandbox runs until you stop it (Ctrl-C). It uses no real account, and ${reach}.

  STS      ${sandbox.sts.url}
  issuer   ${sandbox.issuer.url}
  roles    ${roles.deploy}              project acme/shop, branch main
           ${roles.build}            project acme/shop, any ref, up to 12 hours
           ${roles.production}          from the role deploy, external ID ${externalId}
           (the issuer is an identity provider of account ${account})
${tried === undefined ? '' : `           ${tried}              your policy; to get tokens in the name of its issuer:\n           curl --get '${control.url}/token' --data-urlencode 'claims={"iss":"https://gitlab.com","aud":"https://gitlab.com"}'\n`}
In another terminal, do what a job does:

  export AWS_ENDPOINT_URL_STS=${sandbox.sts.url}
${certificate ? `  export AWS_CA_BUNDLE=${writeCertificate(certificate)}\n` : ''}  export GITLAB_OIDC_TOKEN="$(curl -s '${control.url}/token?ref=main')"
  node dist/aws-oidc.mjs assume-role --role-arn ${roles.deploy}

To set claims, use project_path, ref, ref_type, environment, aud, expires_in, or claims (JSON, for any claim):

  curl '${control.url}/token?ref=v1.0&ref_type=tag&aud=https://gitlab.com'

To plan a fault for the next request, or for the next n requests with times=n:

  curl '${control.url}/fault' -d '{"kind":"error","error":"throttling","retryAfter":"2"}'
  curl '${control.url}/fault?times=3' -d '{"kind":"reset","when":"before-answer"}'
  curl '${control.url}/fault' -d '{"kind":"status","status":503}'
  curl '${control.url}/fault' -d '{"kind":"delay","ms":3000}'
  curl '${control.url}/fault' -d '{"kind":"truncate"}'
  curl '${control.url}/fault' -d '{"kind":"garbage","body":"<html>"}'

The values of "error" are listed in sandbox/sts-errors.ts.`);
}

function writeCertificate({ cert }: Certificate): string {
  const file = join(mkdtempSync(join(tmpdir(), 'aws-oidc-sandbox-')), 'ca.pem');
  writeFileSync(file, cert);
  return file;
}
