# shell: private-directory.ps1
[IO.File]::WriteAllText((Join-Path $aws_oidc_directory 'unpack.mjs'), @'
import { writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
if (Number.parseInt(process.versions.node, 10) < 20) {
  console.error(`aws-oidc: this job has Node ${process.versions.node}.\n  Use Node 20 or later, or the component "web-identity", which does not need Node.`);
  process.exit(2);
}
// __program__
const program = `
__payload__
`;
writeFileSync(process.argv[2], gunzipSync(Buffer.from(program, 'base64')));
'@)
node (Join-Path $aws_oidc_directory 'unpack.mjs') (Join-Path $aws_oidc_directory '__program__')
if ($LASTEXITCODE -ne 0) { exit 2 }
