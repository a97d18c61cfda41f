# aws-oidc: exchange the ID token, and set the credentials in this shell
# set here, because project variables override the variables of a job
$env:AWS_OIDC_PROFILES = $aws_oidc_directory
$env:AWS_OIDC_ANNOTATIONS = ''
$env:AWS_OIDC_KEEP_ALIVE = '__keep_alive__'
$env:AWS_OIDC_SHELL_PID = $PID
$env:AWS_OIDC_OUTPUT_FORMAT = 'bash-env'
$env:AWS_OIDC_OUTPUT = Join-Path $aws_oidc_directory 'environment'
node (Join-Path $aws_oidc_directory '__program__')
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
if ('__env_prefix__' -eq '') {
  # shell: unset-variables.ps1
  Remove-AwsOidcVariable @('AWS_SECURITY_TOKEN', 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_WEB_IDENTITY_TOKEN_FILE')
}
# the lines are those of the POSIX shell; a scope of its own forgets the values, and methods are not logged as cmdlets are
& {
  foreach ($line in [IO.File]::ReadAllLines($env:AWS_OIDC_OUTPUT)) {
    if ($line -cmatch '^unset (.+)$') {
      foreach ($name in $Matches[1].Split(' ')) { Remove-Item -LiteralPath "Env:$name" -ErrorAction SilentlyContinue }
    } elseif ($line -cmatch '^export ([A-Za-z0-9_]+)=(.+)$') {
      $value = $Matches[2]
      if ($value[0] -eq "'") { $value = $value.Substring(1, $value.Length - 2).Replace("'\''", "'") }
      [Environment]::SetEnvironmentVariable($Matches[1], $value)
    }
  }
}
# only the profiles of several roles are left, until the shell ends
Remove-Item -LiteralPath $env:AWS_OIDC_OUTPUT -Force
Get-ChildItem -LiteralPath $aws_oidc_directory -Filter '*.mjs' | Remove-Item -Force
Remove-Item -LiteralPath @('Env:AWS_OIDC_PROFILES', 'Env:AWS_OIDC_OUTPUT_FORMAT', 'Env:AWS_OIDC_OUTPUT', 'Env:AWS_OIDC_KEEP_ALIVE', 'Env:AWS_OIDC_SHELL_PID')
# shell: end.ps1
