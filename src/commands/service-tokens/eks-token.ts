import { connect } from '../../aws-api/default-credentials.ts';
import { eksToken } from '../../aws-api/eks-token.ts';
import { type ExitCode, exitCodes } from '../../errors.ts';
import { reportFailure } from '../../output/failure.ts';
import { redactingLog } from '../../output/redacting-log.ts';
import type { Io } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { readBundle } from '../input/session-input.ts';

/** The flags of the command. */
export interface EksTokenFlags {
  readonly cluster: string;
  readonly region?: string | undefined;
}

/**
 * Prints a token for an EKS cluster in the form that kubectl expects of its credential plugins.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#input-and-output-formats
 */
export async function eksTokenCommand(io: Io, { cluster, region }: EksTokenFlags): Promise<ExitCode> {
  const log = redactingLog(io);
  try {
    checkCluster(cluster);
    const connection = await connect({ region, ca: await readBundle(io) }, io.env);
    const { token, expiration } = await eksToken(connection, cluster, io.now());
    const credential = {
      kind: 'ExecCredential',
      apiVersion: apiVersion(io.env.KUBERNETES_EXEC_INFO),
      spec: {},
      status: { expirationTimestamp: expiration.toISOString().replace(/\.\d+/, ''), token },
    };
    await io.out(`${JSON.stringify(credential)}\n`);
    return exitCodes.done;
  } catch (error) {
    return reportFailure(log, error);
  }
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html; it becomes a header. */
function checkCluster(name: string): void {
  if (/^[0-9A-Za-z][\w-]{0,99}$/.test(name)) return;
  const rule = 'must be the name of an EKS cluster';
  throw invalidInput([{ name: '--cluster', rule, value: name, hint: 'Its name, not its ARN.' }], '');
}

/** The response must have the version that kubectl asks for. */
function apiVersion(execInfo: string | undefined): string {
  const asked = /"apiVersion"\s*:\s*"(client\.authentication\.k8s\.io\/v1)"/.exec(execInfo ?? '')?.[1];
  return asked ?? 'client.authentication.k8s.io/v1beta1';
}
