import { BlockList, isIP } from 'node:net';
import { isLike, type Piece, pieceText } from '../identity/pattern.ts';

/**
 * Compares a value of the request with one of the policy; undefined if one of them does not have the
 * operator's type, which never meets a condition, negated or not.
 */
type Compare = (actual: string, wanted: readonly Piece[]) => boolean | undefined;

export interface Comparison {
  readonly compare: Compare;
  /** True for operators such as `StringNotEquals`: met if no value matches. */
  readonly negated: boolean;
}

const equals: Compare = (actual, wanted) => actual === pieceText(wanted);
const equalsIgnoringCase: Compare = (actual, wanted) =>
  actual.toLowerCase() === pieceText(wanted).toLowerCase();

/** Compares each of an ARN's six parts; a wildcard matches a colon only in the last part. */
const arn: Compare = (actual, wanted) => {
  const [mine, theirs] = [arnParts([{ text: actual, literal: true }]), arnParts(wanted)];
  if (mine === undefined || theirs === undefined) return undefined;
  return mine.every((part, index) => isLike(pieceText(part), theirs[index] ?? []));
};

const boolean: Compare = (actual, wanted) => {
  const [mine, theirs] = [actual, pieceText(wanted)].map((text) => text.toLowerCase());
  if (!/^(true|false)$/.test(mine ?? '') || !/^(true|false)$/.test(theirs ?? '')) return undefined;
  return mine === theirs;
};

const binary: Compare = (actual, wanted) => {
  const [mine, theirs] = [actual, pieceText(wanted)];
  if (!isBase64(mine) || !isBase64(theirs)) return undefined;
  return Buffer.from(mine, 'base64').equals(Buffer.from(theirs, 'base64'));
};

const ipAddress: Compare = (actual, wanted) => {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(pieceText(wanted)) ?? [];
  const [mine, theirs] = [family(actual), family(address)];
  if (mine === undefined || theirs === undefined) return undefined;
  const longest = theirs === 'ipv4' ? 32 : 128;
  if (Number(prefix ?? longest) > longest) return undefined;
  const block = new BlockList();
  block.addSubnet(address, Number(prefix ?? longest), theirs);
  return mine === theirs && block.check(actual, mine);
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const comparisons: Readonly<Record<string, Comparison>> = {
  stringequals: positive(equals),
  stringnotequals: negative(equals),
  stringequalsignorecase: positive(equalsIgnoringCase),
  stringnotequalsignorecase: negative(equalsIgnoringCase),
  stringlike: positive(isLike),
  stringnotlike: negative(isLike),
  arnequals: positive(arn),
  arnnotequals: negative(arn),
  arnlike: positive(arn),
  arnnotlike: negative(arn),
  ...ordered('numeric', toNumber),
  ...ordered('date', toTime),
  bool: positive(boolean),
  binaryequals: positive(binary),
  ipaddress: positive(ipAddress),
  notipaddress: negative(ipAddress),
};

/** @param name an operator without its prefix and suffix, in any case */
export function comparisonOf(name: string): Comparison | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(comparisons, lower) ? comparisons[lower] : undefined;
}

function positive(compare: Compare): Comparison {
  return { compare, negated: false };
}

function negative(compare: Compare): Comparison {
  return { compare, negated: true };
}

/** The six operators of an ordered type. */
function ordered(kind: string, parse: (text: string) => number | undefined): Record<string, Comparison> {
  const by =
    (test: (a: number, b: number) => boolean): Compare =>
    (actual, wanted) => {
      const [mine, theirs] = [parse(actual), parse(pieceText(wanted))];
      return mine === undefined || theirs === undefined ? undefined : test(mine, theirs);
    };
  return {
    [`${kind}equals`]: positive(by((a, b) => a === b)),
    [`${kind}notequals`]: negative(by((a, b) => a === b)),
    [`${kind}lessthan`]: positive(by((a, b) => a < b)),
    [`${kind}lessthanequals`]: positive(by((a, b) => a <= b)),
    [`${kind}greaterthan`]: positive(by((a, b) => a > b)),
    [`${kind}greaterthanequals`]: positive(by((a, b) => a >= b)),
  };
}

function toNumber(text: string): number | undefined {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text.trim()) ? Number(text) : undefined;
}

/** Converts ISO 8601 (https://www.w3.org/TR/NOTE-datetime) or seconds since 1970 to milliseconds. */
function toTime(text: string): number | undefined {
  // IAM reads a year alone as seconds
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!/^\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?)?$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function arnParts(pieces: readonly Piece[]): readonly (readonly Piece[])[] | undefined {
  const parts: Piece[][] = [[]];
  for (const { text, literal } of pieces) {
    const [first = '', ...rest] = text.split(':');
    parts.at(-1)?.push({ text: first, literal });
    for (const part of rest) {
      if (parts.length < 6) parts.push([{ text: part, literal }]);
      else parts.at(-1)?.push({ text: `:${part}`, literal });
    }
  }
  return parts.length === 6 && pieceText(parts[0] ?? []) === 'arn' ? parts : undefined;
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function family(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'ipv4' : 'ipv6';
}
