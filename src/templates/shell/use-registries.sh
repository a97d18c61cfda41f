# aws-oidc: use the registry tokens from the job "__job_name__"
# shell: stop-tracing.sh
aws_oidc_refuse() {
  printf 'aws-oidc: %s\n' "$1" >&2
  printf '  %s\n' "$2" >&2
  exit 1
}
[ -n "${AWS_OIDC_DOCKER_REGISTRIES:-}" ] ||
  aws_oidc_refuse 'no registry tokens came from the job "__job_name__".' \
    'It must have succeeded less than "expire_in" ago, in an earlier stage or listed under "needs". A job with "needs" or "dependencies" must list it there.'
aws_oidc_config="${DOCKER_AUTH_CONFIG:-}"
[ "${#aws_oidc_config}" = "${AWS_OIDC_DOCKER_LENGTH:-}" ] ||
  aws_oidc_refuse 'another variable DOCKER_AUTH_CONFIG overrides the one from the job "__job_name__".' \
    'A variable of the project, its groups, the instance, the pipeline or a manual run does so: rename it, and set the input "auth_config" to it.'
[ "$(date -u +%Y%m%d%H%M%S)" -lt "0$(printf %s "${AWS_OIDC_DOCKER_EXPIRATION:-}" | tr -cd 0-9)" ] ||
  aws_oidc_refuse "the registry tokens expired at ${AWS_OIDC_DOCKER_EXPIRATION:-}." \
    'Run the job "__job_name__" again, then this one.'
# private, outside the workspace, and removed when this shell ends
aws_oidc_docker_directory="$(umask 077 && mktemp -d)" ||
  aws_oidc_refuse 'could not create a temporary directory.' 'Set TMPDIR to a directory that this job can write to.'
case "$aws_oidc_docker_directory" in /*) ;; *) aws_oidc_docker_directory="$PWD/$aws_oidc_docker_directory" ;; esac
# a job can use same-job as well: the second trap replaces the first
aws_oidc_directory="${aws_oidc_directory:-}"
trap 'rm -rf "$aws_oidc_docker_directory" ${aws_oidc_directory:+"$aws_oidc_directory"}' EXIT
# some shells do not run the EXIT trap when a signal ends them
trap 'exit 143' TERM INT HUP
(umask 077 && printf '%s\n' "$DOCKER_AUTH_CONFIG" > "$aws_oidc_docker_directory/config.json")
export DOCKER_CONFIG="$aws_oidc_docker_directory" REGISTRY_AUTH_FILE="$aws_oidc_docker_directory/config.json"
echo "aws-oidc: logged in to $AWS_OIDC_DOCKER_REGISTRIES until $AWS_OIDC_DOCKER_EXPIRATION."
# shell: resume-tracing.sh
