import type { Place } from '../text/place.ts';
import { TextError } from '../text/text-error.ts';
import { readJson } from './json-source.ts';
import { plainSource } from './plain-source.ts';
import { readPolicy, type TrustPolicy } from './policy.ts';
import { type Source, textOf } from './source.ts';

/** A trust policy in a file. */
export interface FoundPolicy {
  /** The role's name in the file; empty for a bare policy. */
  readonly role: string;
  readonly policy: TrustPolicy;
  /** The place in the file of an offset in the policy. */
  readonly place: (offset: number) => Place;
  /** The policy as plain values. */
  readonly json: unknown;
}

/**
 * Reads the policy of a role that is already parsed, as IAM returns it: an object, or URL-encoded text.
 *
 * @param place where the role is in its file
 * @throws {TextError} if it is text that is not JSON
 */
export function policyOfRole(role: string, value: unknown, place: Place): FoundPolicy {
  return located(role, plainSource(value), () => place);
}

/** Reads a policy; if it is a string inside the file, every offset has the place of that string. */
export function located(role: string, value: Source, placeInFile: FoundPolicy['place']): FoundPolicy {
  const inner = textOf(value);
  if (inner === undefined) {
    return { role, policy: readPolicy(value), place: placeInFile, json: toJson(value) };
  }
  try {
    const source = readJson(inner.trimStart().startsWith('%7B') ? decodeURIComponent(inner) : inner);
    const place = placeInFile(value.offset);
    return { role, policy: readPolicy(source), place: () => place, json: toJson(source) };
  } catch (error) {
    if (!(error instanceof TextError || error instanceof URIError)) throw error;
    throw new TextError(`the policy of ${role} is a string: ${error.message}`, value.offset);
  }
}

/** Converts a document to plain values. */
function toJson(source: Source): unknown {
  switch (source.kind) {
    case 'object':
      return Object.fromEntries(source.entries.map(({ key, value }) => [key, toJson(value)]));
    case 'array':
      return source.items.map(toJson);
    case 'scalar':
      return source.value;
    case 'opaque':
      return source.text;
  }
}
