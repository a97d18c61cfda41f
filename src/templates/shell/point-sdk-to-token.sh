# aws-oidc: tell the AWS SDK of this job which role to assume, and with which token
# shell: stop-tracing.sh
aws_oidc_refuse() {
  printf 'aws-oidc: %s\n' "$1" >&2
  printf '  %s\n' "$2" >&2
  exit 2
}
case "${GITLAB_OIDC_TOKEN:-}" in
  *.*.*) ;;
  *) aws_oidc_refuse 'GITLAB_OIDC_TOKEN is not an ID token.' \
       'The job must inherit "id_tokens" from the hidden job that it extends (GitLab 15.7 or later).' ;;
esac
case "$AWS_OIDC_ROLE_ARN" in
  *[!A-Za-z0-9:/+=,.@_-]*) aws_oidc_refuse 'the input "role_arn" contains a character that is not allowed in an ARN.' \
       'Remove spaces and line breaks around it. A variable in it may have no value, or the name of one that this component sets (AWS_OIDC_…).' ;;
  arn:aws*:iam::*:role/*) ;;
  *eyJ*|glcbt-*) aws_oidc_refuse 'the input "role_arn" contains a token.' 'Set it to the ARN of the role.' ;;
  *) aws_oidc_refuse "the input \"role_arn\" is not the ARN of a role: \"$AWS_OIDC_ROLE_ARN\"." \
       'If it comes from a variable, that variable may be protected and this ref is not.' ;;
esac
# a line break in these would add a setting to the configuration file
case "$AWS_OIDC_REGION$AWS_OIDC_PROFILE" in
  *[!A-Za-z0-9_.-]*) aws_oidc_refuse 'the input "region" or "profile" contains a character that is not allowed.' \
       'Use only letters, digits and _ . -; a variable in it may have no value.' ;;
esac
# private, outside the workspace, and removed when this shell ends
AWS_OIDC_DIRECTORY="$(umask 077 && mktemp -d)" ||
  aws_oidc_refuse 'could not create a temporary directory.' 'Set TMPDIR to a directory that this job can write to.'
case "$AWS_OIDC_DIRECTORY" in /*) ;; *) AWS_OIDC_DIRECTORY="$PWD/$AWS_OIDC_DIRECTORY" ;; esac
# a job can use ecr-login as well: the second trap replaces the first
aws_oidc_directory="$AWS_OIDC_DIRECTORY" aws_oidc_docker_directory="${aws_oidc_docker_directory:-}"
trap 'rm -rf "$aws_oidc_directory" ${aws_oidc_docker_directory:+"$aws_oidc_docker_directory"}' EXIT
# some shells do not run the EXIT trap when a signal ends them
trap 'exit 143' TERM INT HUP
(umask 077 && printf '%s' "$GITLAB_OIDC_TOKEN" > "$AWS_OIDC_DIRECTORY/token")
# SDKs would use these instead of the role, without a message
# shell: unset-variables.sh
aws_oidc_unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN \
  AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SHARED_CREDENTIALS_FILE \
  AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
export AWS_WEB_IDENTITY_TOKEN_FILE="$AWS_OIDC_DIRECTORY/token"
export AWS_ROLE_ARN="$AWS_OIDC_ROLE_ARN"
case "$AWS_OIDC_SESSION_NAME" in ??*) ;; *) aws_oidc_refuse 'the input "session_name" is too short.' \
  'STS accepts 2 to 64 characters; a variable in it may have no value.' ;; esac
AWS_ROLE_SESSION_NAME="$(printf '%s' "$AWS_OIDC_SESSION_NAME" | tr -c 'A-Za-z0-9_+=,.@-' - | cut -c 1-64)"
export AWS_ROLE_SESSION_NAME
if [ -n "$AWS_OIDC_REGION" ]; then
  export AWS_REGION="$AWS_OIDC_REGION" AWS_DEFAULT_REGION="$AWS_OIDC_REGION"
fi
if [ -n "$AWS_OIDC_PROFILE" ]; then
  export AWS_CONFIG_FILE="$AWS_OIDC_DIRECTORY/config" AWS_PROFILE="$AWS_OIDC_PROFILE"
  (umask 077 && printf '[profile %s]\nrole_arn = %s\nrole_session_name = %s\nweb_identity_token_file = %s\n' \
    "$AWS_PROFILE" "$AWS_ROLE_ARN" "$AWS_ROLE_SESSION_NAME" "$AWS_WEB_IDENTITY_TOKEN_FILE" > "$AWS_CONFIG_FILE")
  if [ -n "$AWS_OIDC_REGION" ]; then printf 'region = %s\n' "$AWS_OIDC_REGION" >> "$AWS_CONFIG_FILE"; fi
fi
echo "aws-oidc: the SDK of this job will assume $AWS_ROLE_ARN as $AWS_ROLE_SESSION_NAME."
# shell: resume-tracing.sh
