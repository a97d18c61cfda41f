import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

// A stand-in for a team's own tool: every AWS SDK finds the credentials in the environment.
const { Arn, Account } = await new STSClient().send(new GetCallerIdentityCommand({}));
console.log(`STS: you are ${Arn} in account ${Account}`);
