import { afterEach, beforeEach, vi } from 'vitest';

export const stubbedCredentials = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2Vj/+==',
};

/** Only these credentials exist: the SDK reads the variables of the process itself. */
export function stubCredentials(): void {
  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_ACCESS_KEY_ID', stubbedCredentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', stubbedCredentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', stubbedCredentials.sessionToken);
  });
  afterEach(() => vi.unstubAllEnvs());
}
