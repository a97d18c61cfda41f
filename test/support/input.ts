import { expect } from 'vitest';
import { AwsOidcError, type Problem } from '../../src/errors.ts';
import type { Inputs } from '../../src/exchange/inputs.ts';
import { readOptions } from '../../src/exchange/options.ts';
import { findToken } from '../../src/exchange/token-source.ts';
import { unsignedToken } from './token.ts';

export const now = new Date('2026-01-01T00:00:00Z');
export const role = 'arn:aws:iam::111111111111:role/deploy';
export const token = unsignedToken();
/** The minimal valid inputs. */
export const good: Inputs = { role_arn: role };
export const goodEnv = { GITLAB_OIDC_TOKEN: token };

export type Env = Readonly<Record<string, string | undefined>>;

/** All problems of these inputs. */
export function problemsOf(inputs: Inputs, env: Env = goodEnv): readonly Problem[] {
  try {
    readOptions(inputs, env, findToken(env, undefined), now);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(AwsOidcError);
    expect(error).toMatchObject({ code: 'INVALID_INPUT' });
    return (error as AwsOidcError).problems;
  }
}
