import { AwsOidcError } from '../../errors.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { JsonStreamError, readJsonStream } from '../../text/json-stream.ts';
import type { Place } from '../../text/place.ts';
import { invalid } from '../input/text-file.ts';
import type { RoleCollector } from './role-collector.ts';

const source = 'aws iam get-account-authorization-details';

/**
 * Reads files with the output of `aws iam get-account-authorization-details` into the collector. The files can have
 * any size, and contain several pages or accounts one after another.
 *
 * @throws {AwsOidcError} `INVALID_INPUT`, with line and column, if a file is incomplete or something else
 */
export async function readAuthorizationDetails(
  io: CommandLineIo,
  files: readonly string[],
  into: RoleCollector,
): Promise<void> {
  let isTruncated = false;
  for (const file of files) isTruncated = (await readFile(io, file, into)) ?? isTruncated;
  if (!isTruncated) return;
  throw new AwsOidcError('INVALID_INPUT', `${files.at(-1)}: the last page says that there are more roles`, {
    hint: 'Its "IsTruncated" is true: add the other pages, in their order, or run the command without --no-paginate.',
  });
}

/** @returns whether the last page is followed by another one; undefined if it does not say so */
async function readFile(io: CommandLineIo, file: string, into: RoleCollector): Promise<boolean | undefined> {
  let isTruncated: boolean | undefined;
  const onItem = (list: string, item: unknown, place: Place) => {
    if (list === truncation) {
      isTruncated = item === true;
      return;
    }
    const isKnown = list === 'Policies' ? into.addPolicy(item) : into.addRole(item, { file, place });
    if (!isKnown) throw wrongFile(file, place, `an item of "${list}" is not a ${nouns[list]}`);
  };
  try {
    const names = await readJsonStream(io.readStream(file), {
      lists: Object.keys(nouns),
      values: [truncation],
      onItem,
    });
    if (!names.has('RoleDetailList') && !names.has('Policies'))
      throw wrongFile(file, { line: 1, column: 1 }, 'there is no "RoleDetailList"');
    return isTruncated;
  } catch (error) {
    if (error instanceof JsonStreamError) throw wrongFile(file, error.place, error.message);
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof AwsOidcError || code === undefined) throw error;
    throw invalid(file, `must be a readable file (${code})`, undefined, file);
  }
}

/** The member that says that another page follows. */
const truncation = 'IsTruncated';

const nouns: Readonly<Record<string, string>> = { RoleDetailList: 'role', Policies: 'managed policy' };

function wrongFile(file: string, { line, column }: Place, message: string): AwsOidcError {
  return new AwsOidcError('INVALID_INPUT', `${file}:${line}:${column}: ${message}`, {
    hint: `The file must contain the complete output of "${source}", as JSON.`,
  });
}
