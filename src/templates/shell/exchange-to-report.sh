# aws-oidc: exchange the ID token for credentials
# set here, because project variables override the variables of a job
export AWS_OIDC_DOTENV="aws-oidc.$CI_JOB_NAME_SLUG.env" AWS_OIDC_OUTPUT_FORMAT=dotenv AWS_OIDC_OUTPUT=''
export AWS_OIDC_ANNOTATIONS="aws-oidc.$CI_JOB_NAME_SLUG.annotations.json" AWS_OIDC_ROLE_ARNS=''
# without "exit", bash would end the job with 1 instead of the program's exit code
node "$AWS_OIDC_DIRECTORY/assume-role.mjs" || exit "$?"
