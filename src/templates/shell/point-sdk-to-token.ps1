# aws-oidc: tell the AWS SDK of this job which role to assume, and with which token
# shell: begin.ps1
function Stop-AwsOidcJob([string] $Problem, [string] $Hint) {
  [Console]::Error.WriteLine("aws-oidc: $Problem")
  [Console]::Error.WriteLine("  $Hint")
  exit 2
}
if ($env:GITLAB_OIDC_TOKEN -notlike '*.*.*') {
  Stop-AwsOidcJob 'GITLAB_OIDC_TOKEN is not an ID token.' 'The job must inherit "id_tokens" from the hidden job that it extends (GitLab 15.7 or later).'
}
if ($env:AWS_OIDC_ROLE_ARN -cmatch '[^A-Za-z0-9:/+=,.@_-]') {
  Stop-AwsOidcJob 'the input "role_arn" contains a character that is not allowed in an ARN.' 'Remove spaces and line breaks around it. A variable in it may have no value, or the name of one that this component sets (AWS_OIDC_...).'
}
if ($env:AWS_OIDC_ROLE_ARN -cnotlike 'arn:aws*:iam::*:role/*') {
  if ($env:AWS_OIDC_ROLE_ARN -cmatch 'eyJ|^glcbt-') {
    Stop-AwsOidcJob 'the input "role_arn" contains a token.' 'Set it to the ARN of the role.'
  }
  Stop-AwsOidcJob "the input ""role_arn"" is not the ARN of a role: ""$env:AWS_OIDC_ROLE_ARN""." 'If it comes from a variable, that variable may be protected and this ref is not.'
}
# a line break in these would add a setting to the configuration file
if ("$env:AWS_OIDC_REGION$env:AWS_OIDC_PROFILE" -cmatch '[^A-Za-z0-9_.-]') {
  Stop-AwsOidcJob 'the input "region" or "profile" contains a character that is not allowed.' 'Use only letters, digits and _ . -; a variable in it may have no value.'
}
if ("$env:AWS_OIDC_SESSION_NAME".Length -lt 2) {
  Stop-AwsOidcJob 'the input "session_name" is too short.' 'STS accepts 2 to 64 characters; a variable in it may have no value.'
}
# shell: private-directory.ps1
# SDKs would use these instead of the role, without a message
# shell: unset-variables.ps1
Remove-AwsOidcVariable @(
  'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN',
  'AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'
)
$env:AWS_WEB_IDENTITY_TOKEN_FILE = Join-Path $aws_oidc_directory 'token'
# without a byte order mark or a line break
[IO.File]::WriteAllText($env:AWS_WEB_IDENTITY_TOKEN_FILE, $env:GITLAB_OIDC_TOKEN)
$env:AWS_ROLE_ARN = $env:AWS_OIDC_ROLE_ARN
$aws_oidc_name = $env:AWS_OIDC_SESSION_NAME -creplace '[^A-Za-z0-9_+=,.@-]', '-'
$env:AWS_ROLE_SESSION_NAME = $aws_oidc_name.Substring(0, [Math]::Min(64, $aws_oidc_name.Length))
if ($env:AWS_OIDC_REGION) {
  $env:AWS_REGION = $env:AWS_OIDC_REGION
  $env:AWS_DEFAULT_REGION = $env:AWS_OIDC_REGION
}
if ($env:AWS_OIDC_PROFILE) {
  $env:AWS_CONFIG_FILE = Join-Path $aws_oidc_directory 'config'
  $env:AWS_PROFILE = $env:AWS_OIDC_PROFILE
  $aws_oidc_lines = @(
    "[profile $env:AWS_PROFILE]"
    "role_arn = $env:AWS_ROLE_ARN"
    "role_session_name = $env:AWS_ROLE_SESSION_NAME"
    "web_identity_token_file = $env:AWS_WEB_IDENTITY_TOKEN_FILE"
    if ($env:AWS_OIDC_REGION) { "region = $env:AWS_OIDC_REGION" }
  )
  [IO.File]::WriteAllText($env:AWS_CONFIG_FILE, ($aws_oidc_lines -join "`n") + "`n")
}
Write-Output "aws-oidc: the SDK of this job will assume $env:AWS_ROLE_ARN as $env:AWS_ROLE_SESSION_NAME."
# shell: end.ps1
