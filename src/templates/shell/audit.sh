# aws-oidc: audit the roles
# set here, because project variables override the variables of a job
export AWS_OIDC_AUDIT_REPORT='gl-code-quality-report.json' AWS_OIDC_ANNOTATIONS='aws-oidc.annotations.json'
# without "exit", bash would end the job with 1 instead of the program's exit code
node "$AWS_OIDC_DIRECTORY/audit.mjs" || exit "$?"
