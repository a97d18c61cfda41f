# Asks STS who it is with a new process each time, until the time in UNTIL (seconds since 1970).
while [ "$(date +%s)" -lt "${UNTIL%.*}" ]; do
  aws sts get-caller-identity >/dev/null || exit 1
  sleep "$PAUSE"
done
