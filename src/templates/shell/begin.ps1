# a trace prints the value of every variable that is set
Set-PSDebug -Off
# with Windows PowerShell, the runner goes on after an error
$aws_oidc_preference = $ErrorActionPreference
$ErrorActionPreference = 'Stop'
