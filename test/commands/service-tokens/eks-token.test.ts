import { describe, expect, it, vi } from 'vitest';
import { run } from '../../../src/command-line/run.ts';
import { fakeIo } from '../../support/fake-io.ts';
import { stubCredentials } from '../../support/stub-credentials.ts';

async function eksToken(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const io = fakeIo({ AWS_REGION: 'eu-central-1', ...env });
  const exitCode = await run(['eks-token', ...args], io);
  return { exitCode, printed: io.results(), text: io.text() };
}

describe('eks-token', () => {
  stubCredentials();

  it('prints what kubectl expects, and nothing else', async () => {
    const { exitCode, printed, text } = await eksToken(['--cluster', 'shop']);
    expect(exitCode).toBe(0);
    expect(text).toBe(printed);
    expect(JSON.parse(printed)).toEqual({
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      spec: {},
      status: {
        expirationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        token: expect.stringMatching(/^k8s-aws-v1\.[\w-]+$/),
      },
    });
  });

  it.each([
    ['v1', '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"}', 'v1'],
    ['v1beta1', '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"}', 'v1beta1'],
    ['a version of the future', '{"apiVersion":"client.authentication.k8s.io/v2"}', 'v1beta1'],
    ['nonsense', 'client.authentication.k8s.io/v1', 'v1beta1'],
  ])('answers kubectl that asks for %s', async (_, info, version) => {
    const { printed } = await eksToken(['--cluster', 'shop'], { KUBERNETES_EXEC_INFO: info });
    expect(JSON.parse(printed).apiVersion).toBe(`client.authentication.k8s.io/${version}`);
  });

  it('takes the region of the flag, and never the endpoint of a variable', async () => {
    const env = { AWS_ENDPOINT_URL_STS: 'https://sts.example.com' };
    const { printed } = await eksToken(['--cluster', 'shop', '--region', 'eu-west-3'], env);
    const { token } = JSON.parse(printed).status;
    const url = new URL(Buffer.from(token.split('.')[1], 'base64url').toString());
    expect(url.host).toBe('sts.eu-west-3.amazonaws.com');
  });

  it.each([
    ['an ARN', 'arn:aws:eks:eu-central-1:111111111111:cluster/shop'],
    ['a line break', 'shop\nx-evil: 1'],
    ['nothing', ''],
  ])('refuses %s as the name of the cluster', async (_, name) => {
    const { exitCode, text } = await eksToken(['--cluster', name]);
    expect(exitCode).toBe(2);
    expect(text).toContain('--cluster');
    expect(text).toContain('must be the name of an EKS cluster');
  });

  it('says so if there are no credentials', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    const { exitCode, printed, text } = await eksToken(['--cluster', 'shop']);
    expect({ exitCode, printed }).toEqual({ exitCode: 2, printed: '' });
    expect(text).toContain('No AWS credentials were found.');
  });
});
