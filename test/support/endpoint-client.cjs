// Asks the endpoint of the environment for credentials, and prints the answer on one line: its status and its body.
const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: authorization } =
  process.env;

fetch(url, { headers: { authorization } }).then(
  async (answer) => process.stdout.write(`${answer.status} ${await answer.text()}\n`),
  (error) => process.stdout.write(`${error.cause?.code}\n`),
);
