# The short form of common recipes: one AWS CLI command, whose output is split into variables.
set -eu
set -- $(aws sts assume-role-with-web-identity --endpoint-url "$AWS_ENDPOINT_URL_STS" --role-arn "$AWS_OIDC_ROLE_ARN" \
  --role-session-name bench --web-identity-token "$GITLAB_OIDC_TOKEN" --duration-seconds 3600 \
  --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
export AWS_ACCESS_KEY_ID="$1" AWS_SECRET_ACCESS_KEY="$2" AWS_SESSION_TOKEN="$3"
