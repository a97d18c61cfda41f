# aws-oidc: exchange the ID token, and log in to the registries
# set here, because project variables override the variables of a job
export AWS_OIDC_DOTENV="aws-oidc.$CI_JOB_NAME_SLUG.env"
# without "exit", bash would end the job with 1 instead of the program's exit code
node "$AWS_OIDC_DIRECTORY/ecr-login.mjs" || exit "$?"
