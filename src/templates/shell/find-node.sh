if ! command -v node >/dev/null; then
  echo 'aws-oidc: the image of this job has no Node.' >&2
  echo '  Use an image with Node 20 or later, or the component "web-identity", which does not need Node.' >&2
  exit 2
fi
