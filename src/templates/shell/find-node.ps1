if (-not (Get-Command node -CommandType Application -ErrorAction SilentlyContinue)) {
  [Console]::Error.WriteLine('aws-oidc: this job has no Node.')
  [Console]::Error.WriteLine('  Install Node 20 or later in its image or on the machine of the runner, or use the component "web-identity", which does not need Node.')
  exit 2
}
