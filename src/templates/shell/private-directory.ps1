try {
  if ([Environment]::OSVersion.Platform -eq 'Win32NT') {
    # with the access rules of the user's temporary directory
    $aws_oidc_directory = Join-Path ([IO.Path]::GetTempPath()) ('aws-oidc.' + [Guid]::NewGuid().ToString('N'))
    $null = [IO.Directory]::CreateDirectory($aws_oidc_directory)
  } else {
    $aws_oidc_directory = mktemp -d
  }
  $aws_oidc_directory = (Get-Item -LiteralPath $aws_oidc_directory -Force).FullName
} catch {
  [Console]::Error.WriteLine('aws-oidc: could not create a temporary directory.')
  [Console]::Error.WriteLine('  Set TMPDIR (TMP on Windows) to a directory that this job can write to.')
  exit 2
}
$null = Register-EngineEvent -SourceIdentifier PowerShell.Exiting -SupportEvent -MessageData $aws_oidc_directory -Action {
  Remove-Item -LiteralPath $Event.MessageData -Recurse -Force -ErrorAction SilentlyContinue
}
