import { setTimeout as sleep } from 'node:timers/promises';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

/** Asks STS who it is with one client, until the time in UNTIL (seconds since 1970). */
const client = new STSClient({});
while (Date.now() / 1000 < Number(process.env.UNTIL)) {
  await client.send(new GetCallerIdentityCommand({}));
  await sleep(Number(process.env.REAL_PAUSE) * 1000);
}
