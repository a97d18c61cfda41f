aws_oidc_unset() {
  for aws_oidc_name in "$@"; do
    if eval "[ -n \"\${$aws_oidc_name:-}\" ]"; then
      echo "aws-oidc: $aws_oidc_name was unset in this job; some SDKs would use it instead of the role." >&2
    fi
    unset "$aws_oidc_name"
  done
}
