# aws-oidc: exchange the ID token, and export the credentials into this shell
# set here, because project variables override the variables of a job
AWS_OIDC_PROFILES="$AWS_OIDC_DIRECTORY" AWS_OIDC_ANNOTATIONS='' \
  AWS_OIDC_KEEP_ALIVE='__keep_alive__' AWS_OIDC_SHELL_PID="$$" \
  AWS_OIDC_OUTPUT_FORMAT=bash-env AWS_OIDC_OUTPUT="$AWS_OIDC_DIRECTORY/environment" \
  node "$AWS_OIDC_DIRECTORY/__program__" || exit "$?"
aws_oidc_prefix='__env_prefix__'
if [ -z "$aws_oidc_prefix" ]; then
  # shell: unset-variables.sh
  aws_oidc_unset AWS_SECURITY_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SHARED_CREDENTIALS_FILE \
    AWS_WEB_IDENTITY_TOKEN_FILE
fi
. "$AWS_OIDC_DIRECTORY/environment"
# only the profiles of several roles are left; the EXIT trap removes them
rm -f "$AWS_OIDC_DIRECTORY/__program__" "$AWS_OIDC_DIRECTORY/environment"
rmdir "$AWS_OIDC_DIRECTORY" 2>/dev/null || :
# shell: resume-tracing.sh
