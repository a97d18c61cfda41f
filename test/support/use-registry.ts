import { afterAll, beforeAll } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { type Ecr, startEcr } from './ecr.ts';
import { type Moto, startMoto } from './moto.ts';
import { startRegistry, type TestRegistry } from './registry.ts';

/** What a login needs: an issuer, an AWS with ECR, and a registry that accepts its tokens. */
export interface RegistrySetting {
  readonly sandbox: Sandbox;
  readonly ecr: Ecr;
  readonly registry: TestRegistry;
}

/** Starts them for a whole test file; the object is complete when the tests run. */
export function useRegistry(): RegistrySetting {
  const setting = {} as { -readonly [name in keyof RegistrySetting]: RegistrySetting[name] };
  let moto: Moto;
  beforeAll(async () => {
    [moto, setting.sandbox, setting.registry] = await Promise.all([
      startMoto(),
      startSandbox({ instance: 'https://gitlab.com' }),
      startRegistry(),
    ]);
    setting.ecr = await startEcr(moto.url);
  }, 90_000);
  afterAll(async () => {
    setting.ecr?.stop();
    moto?.stop();
    setting.registry?.stop();
    await setting.sandbox?.stop();
  });
  return setting;
}
