import { parseProviderArn, providerName } from '../../identity/issuer.ts';
import type { Io } from '../../system/io.ts';
import { bracesIn } from '../../text/braces.ts';
import { TextError } from '../../text/text-error.ts';
import { readJson } from '../../trust-policy/json-source.ts';
import type { IdentityProvider } from '../../trust-policy/provider.ts';
import { errorAtPlace, invalid, readTextFile } from '../input/text-file.ts';
import type { DescribedProvider } from './account-roles.ts';

type Fields = Readonly<Record<string, unknown>>;

const flag = '--providers';
const expected =
  'For example the output of "aws iam get-open-id-connect-provider", or a list of such objects with their "Arn".';

/**
 * Reads files with descriptions of identity providers: the output of `aws iam get-open-id-connect-provider`, several
 * of them one after another, in a list, or by ARN.
 *
 * @throws {AwsOidcError} `INVALID_INPUT`, with line and column, if a file is something else
 */
export async function readProviderFiles(
  io: Io,
  files: readonly string[],
): Promise<readonly DescribedProvider[]> {
  const found: DescribedProvider[] = [];
  for (const file of files) {
    const text = await readTextFile(io, flag, file);
    const providers = documentsIn(file, text).flatMap((one) => providersIn(one, undefined));
    if (providers.length === 0 && !/^\s*\[\s*\]\s*$/.test(text))
      throw invalid(flag, 'must describe identity providers', expected, file);
    const origin = { file, place: { line: 1, column: 1 } };
    found.push(...providers.map((provider) => ({ ...provider, origin })));
  }
  return found;
}

/** JSON documents that follow each other, or one list. */
function documentsIn(file: string, text: string): readonly unknown[] {
  try {
    if (!/^\s*\{/.test(text)) return [JSON.parse(text)];
    const parts = bracesIn(text);
    if (text.replace(/^\s+|\s+$/g, '') === '' || parts.length === 0) throw new SyntaxError('no object');
    return parts.map((part) => JSON.parse(part.text));
  } catch {
    throw jsonError(file, text);
  }
}

/** The same error, with its position. */
function jsonError(file: string, text: string) {
  try {
    readJson(text);
  } catch (error) {
    if (error instanceof TextError) return errorAtPlace(file, text, error, expected);
    throw error;
  }
  return invalid(flag, 'must be JSON', expected, file);
}

/** @param key the name of the member that has the value, which may be the ARN */
function providersIn(value: unknown, key: string | undefined): readonly IdentityProvider[] {
  if (Array.isArray(value)) return value.flatMap((one) => providersIn(one, undefined));
  if (typeof value !== 'object' || value === null) return [];
  const fields = value as Fields;
  const named = [fields.Arn, fields.OpenIDConnectProviderArn, fields.ProviderArn, key].find(isProviderArn);
  if (named === undefined && typeof fields.Url !== 'string')
    return Object.entries(fields).flatMap(([name, one]) => providersIn(one, name));
  const name =
    typeof fields.Url === 'string' ? providerName(fields.Url) : parseProviderArn(named ?? '')?.name;
  return [
    {
      arn: named,
      name: (name ?? '').replace(/\/$/, ''),
      audiences: fields.ClientIDList === undefined ? undefined : textsOf(fields.ClientIDList),
      thumbprints: textsOf(fields.ThumbprintList),
    },
  ];
}

function isProviderArn(value: unknown): value is string {
  return typeof value === 'string' && parseProviderArn(value) !== undefined;
}

function textsOf(value: unknown): readonly string[] {
  return [value ?? []].flat().filter((one) => typeof one === 'string');
}

/**
 * The providers of each account. A provider without an ARN belongs to the only account.
 *
 * @returns a function that returns undefined for an account without described providers
 * @throws {AwsOidcError} `INVALID_INPUT` if it is not clear to which account a provider belongs
 */
export function providersByAccount(providers: readonly DescribedProvider[], accounts: readonly string[]) {
  const [only = '', ...others] = accounts;
  const byAccount = new Map<string, DescribedProvider[]>();
  for (const provider of providers) {
    if (provider.arn === undefined && others.length > 0) {
      const hint = `Several accounts are audited. Add "Arn" to the description of ${provider.name}.`;
      throw invalid(flag, 'must contain the ARN of every provider', hint, provider.origin?.file);
    }
    const account = provider.arn === undefined ? only : (parseProviderArn(provider.arn)?.account ?? '');
    byAccount.set(account, [...(byAccount.get(account) ?? []), provider]);
  }
  return (account: string): readonly DescribedProvider[] | undefined => byAccount.get(account);
}
