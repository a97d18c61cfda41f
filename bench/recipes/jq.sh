# The long form: jq extracts the keys from the JSON response.
set -eu
answer=$(aws sts assume-role-with-web-identity --endpoint-url "$AWS_ENDPOINT_URL_STS" --role-arn "$AWS_OIDC_ROLE_ARN" \
  --role-session-name bench --web-identity-token "$GITLAB_OIDC_TOKEN" --duration-seconds 3600 --output json)
AWS_ACCESS_KEY_ID=$(printf '%s' "$answer" | jq -er .Credentials.AccessKeyId)
AWS_SECRET_ACCESS_KEY=$(printf '%s' "$answer" | jq -er .Credentials.SecretAccessKey)
AWS_SESSION_TOKEN=$(printf '%s' "$answer" | jq -er .Credentials.SessionToken)
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
