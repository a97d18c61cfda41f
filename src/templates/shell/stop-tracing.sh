# a shell that prints what it reads or runs, or a PS4 that expands variables, could print secrets
{ aws_oidc_shell_options=$-; set +xv; } 2>/dev/null
