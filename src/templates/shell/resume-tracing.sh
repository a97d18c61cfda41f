case "$aws_oidc_shell_options" in *v*) set -v ;; esac
case "$aws_oidc_shell_options" in *x*) set -x ;; esac
