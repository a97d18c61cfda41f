$ErrorActionPreference = $aws_oidc_preference
if ($env:CI_DEBUG_TRACE -eq 'true') { Set-PSDebug -Trace 2 }
