import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

// Stands for a team's own tool: any SDK of AWS finds the credentials in the environment.
const { Arn, Account } = await new STSClient().send(new GetCallerIdentityCommand({}));
console.log(`AWS says: you are ${Arn} in account ${Account}`);
