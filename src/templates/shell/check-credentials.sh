# aws-oidc: check the credentials from the job "__job_name__"
# shell: stop-tracing.sh
# bash 5.3 under an older runner prints a canceled job's variables, unless the signal is trapped
trap 'exit 143' TERM INT HUP
(
  refuse() {
    printf 'aws-oidc: %s\n' "$1" >&2
    printf '  %s\n' "$2" >&2
    exit 1
  }
  handed_on="${__env_prefix__AWS_OIDC_ACCESS_KEY_ID:-}"
  key_id="${__env_prefix__AWS_ACCESS_KEY_ID:-}"
  secret="${__env_prefix__AWS_SECRET_ACCESS_KEY:+set}"
  token="${__env_prefix__AWS_SESSION_TOKEN:+set}"
  expires="${__env_prefix__AWS_CREDENTIAL_EXPIRATION:-}"
  [ -n "$handed_on" ] ||
    refuse 'no credentials came from the job "__job_name__".' \
      'It must have succeeded less than "expire_in" ago, in an earlier stage or listed under "needs". A job with "needs" or "dependencies" must list it there.'
  if [ "$key_id" != "$handed_on" ]; then
    case "$key_id" in
      AKIA*)
        refuse 'a static key in __env_prefix__AWS_ACCESS_KEY_ID is mixed with the session token of the role.' \
          'Delete AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where they are set: variables of the project, its groups, the instance, the pipeline or a manual run override the credentials from the job.' ;;
      *)
        refuse 'another variable __env_prefix__AWS_ACCESS_KEY_ID overrides the credentials of the role.' \
          'Delete it where it is set (only variables of the project, its groups, the instance, the pipeline or a manual run override the credentials), or set the input "env_prefix".' ;;
    esac
  fi
  [ "$secret$token" = setset ] ||
    refuse 'the credentials are mixed: the secret key or the session token is empty.' \
      'A variable of the project, its groups, the instance, the pipeline or a manual run replaces __env_prefix__AWS_SECRET_ACCESS_KEY or __env_prefix__AWS_SESSION_TOKEN: delete it.'
  [ "$(date -u +%Y%m%d%H%M%S)" -lt "0$(printf %s "$expires" | tr -cd 0-9)" ] ||
    refuse "the credentials expired at $expires." \
      'Run the job "__job_name__" again, then this one. For manual and late jobs, use the component "same-job" or "web-identity": both exchange the token when the job runs.'
) || exit "$?"
aws_oidc_prefix='__env_prefix__'
if [ -z "$aws_oidc_prefix" ]; then
  # shell: unset-variables.sh
  aws_oidc_unset AWS_SECURITY_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SHARED_CREDENTIALS_FILE \
    AWS_WEB_IDENTITY_TOKEN_FILE
fi
# shell: resume-tracing.sh
