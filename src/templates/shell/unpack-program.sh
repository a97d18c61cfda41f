AWS_OIDC_DIRECTORY="$(mktemp -d)" || {
  echo 'aws-oidc: could not create a temporary directory.' >&2
  echo '  Set TMPDIR to a directory that this job can write to.' >&2
  exit 2
}
case "$AWS_OIDC_DIRECTORY" in /*) ;; *) AWS_OIDC_DIRECTORY="$PWD/$AWS_OIDC_DIRECTORY" ;; esac
# a job can use ecr-login as well: the second trap replaces the first
aws_oidc_directory="$AWS_OIDC_DIRECTORY" aws_oidc_docker_directory="${aws_oidc_docker_directory:-}"
trap 'rm -rf "$aws_oidc_directory" ${aws_oidc_docker_directory:+"$aws_oidc_docker_directory"}' EXIT
# some shells do not run the EXIT trap when a signal ends them
trap 'exit 143' TERM INT HUP
base64 -d <<'AWS_OIDC_PAYLOAD' | gzip -d > "$AWS_OIDC_DIRECTORY/__program__" || exit 2
__payload__
AWS_OIDC_PAYLOAD
