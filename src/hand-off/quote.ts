import { AwsOidcError } from '../errors.ts';

/** Quotes a value for a shell. Values that need no quotes are returned unchanged, as the AWS CLI prints them. */
export type Quote = (value: string) => string;

const plain = /^[\w@%+=:,./-]+$/;

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02 */
export const quotePosix: Quote = (value) =>
  plain.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;

/** https://fishshell.com/docs/current/language.html#quotes */
export const quoteFish: Quote = (value) =>
  plain.test(value) ? value : `'${value.replace(/[\\']/g, '\\$&')}'`;

/** https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules */
export const quotePowershell: Quote = (value) => `"${value.replace(/[`$"]/g, '`$&')}"`;

/**
 * `set NAME=VALUE` takes the rest of the line literally, after cmd.exe has interpreted its special characters.
 *
 * @throws {AwsOidcError} `HAND_OFF_FAILED` for characters that cannot be quoted reliably
 */
export const quoteWindowsCmd: Quote = (value) => {
  if (!/["%!&|<>^]/.test(value)) return value;
  throw new AwsOidcError(
    'HAND_OFF_FAILED',
    'A value must not contain any of "%!&|<>^ in the format windows-cmd',
    {
      hint: 'Use another format, for example powershell.',
    },
  );
};
