function Remove-AwsOidcVariable([string[]] $Names) {
  foreach ($name in $Names) {
    if (-not (Test-Path -LiteralPath "Env:$name")) { continue }
    if ([Environment]::GetEnvironmentVariable($name)) {
      [Console]::Error.WriteLine("aws-oidc: $name was unset in this job; some SDKs would use it instead of the role.")
    }
    Remove-Item -LiteralPath "Env:$name"
  }
}
