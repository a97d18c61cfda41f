import { GitlabFailure } from './failure.ts';
import { isProjectPath } from './project-path.ts';

/** A JSON object whose fields are not checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a field must be: the name of the type, for the message, and the check. */
export interface FieldType<T> {
  readonly name: string;
  readonly is: (value: unknown) => value is T;
}

export const aString: FieldType<string> = { name: 'a string', is: (value) => typeof value === 'string' };

export const anId: FieldType<number> = {
  name: 'a positive integer',
  is: (value): value is number => Number.isSafeInteger(value) && (value as number) > 0,
};

export const anObject: FieldType<Fields> = {
  name: 'an object',
  is: (value): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value),
};

export const strings: FieldType<readonly string[]> = {
  name: 'an array of strings',
  is: (value): value is readonly string[] =>
    Array.isArray(value) && value.every((item) => typeof item === 'string'),
};

/** The path of a project with its groups. */
export const aPath: FieldType<string> = {
  name: 'a project path',
  is: (value): value is string => typeof value === 'string' && isProjectPath(value),
};

/** A URL that is safe to print. */
export const aWebUrl: FieldType<string> = {
  name: 'a web address',
  is: (value): value is string =>
    typeof value === 'string' && /^https?:\/\/[\x21-\x7e]{1,2048}$/.test(value) && URL.canParse(value),
};

/** One of some texts. */
export function oneOf<const T extends string>(...texts: readonly T[]): FieldType<T> {
  return { name: texts.join(' or '), is: (value): value is T => texts.some((text) => text === value) };
}

/**
 * The JSON value as an object.
 *
 * @throws {GitlabFailure} `mistyped`
 */
export function fieldsOf(value: unknown): Fields {
  if (!anObject.is(value)) throw new GitlabFailure('mistyped', 'the response is not an object');
  return value;
}

/**
 * The JSON value as an array of objects.
 *
 * @throws {GitlabFailure} `mistyped`
 */
export function listOf(value: unknown): readonly Fields[] {
  if (!Array.isArray(value)) throw new GitlabFailure('mistyped', 'the response is not a list');
  return value.map(fieldsOf);
}

/**
 * A field that GitLab always sends.
 *
 * @throws {GitlabFailure} `mistyped`, with the field's name but not its value
 */
export function required<T>(fields: Fields, name: string, type: FieldType<T>): T {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (type.is(value)) return value;
  const missing = value === undefined || value === null;
  throw new GitlabFailure('mistyped', `"${name}" ${missing ? 'is missing' : `is not ${type.name}`}`);
}

/** The same for a field that may be null or missing. */
export function optional<T>(fields: Fields, name: string, type: FieldType<T>): T | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return value === undefined || value === null ? undefined : required(fields, name, type);
}
