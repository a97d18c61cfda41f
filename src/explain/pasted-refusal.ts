import type { Refusal } from './situation.ts';

/** Reads an error of STS as this program prints it, as the AWS CLI does, or its message alone. */
export function parseRefusal(text: string): Refusal {
  const cli = /\((\w+)\) when calling the \w+ operation(?: \([^)]*\))?: (.*)$/s.exec(text);
  const own = /^(?:✘ )?(\w+): (.*)$/s.exec(text.trim());
  const [, code = usualCode(text), message = text.trim()] = cli ?? own ?? [];
  return { code, message };
}

function usualCode(message: string): string {
  if (/not authorized/i.test(message)) return 'AccessDenied';
  return /expired/i.test(message) ? 'ExpiredTokenException' : 'InvalidIdentityToken';
}
