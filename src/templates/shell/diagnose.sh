# aws-oidc: check everything that the exchange depends on
# without "exit", bash would end the job with 1 instead of the program's exit code
node "$AWS_OIDC_DIRECTORY/doctor.mjs" || exit "$?"
