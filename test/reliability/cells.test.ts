import { describe, expect, it } from 'vitest';
import { codesCell, waysCell } from './cells.ts';
import { ways } from './ways.ts';

const names = ways.map(({ name }) => name);
const codes = (exceptions: Readonly<Record<string, number>>) =>
  new Map(names.map((name) => [name, exceptions[name] ?? 75]));

describe('a table cell', () => {
  it('has one code if all twelve ways end with it', () => {
    expect(ways).toHaveLength(12);
    expect(codesCell(codes({}))).toBe('75');
  });

  it('names each way that ends with another code', () => {
    expect(codesCell(codes({ exec: 1, dotenv: 1, fish: 0 }))).toBe('75; `dotenv`, `exec`: 1; `fish`: 0');
  });

  it('is refused if the code of a way is missing', () => {
    expect(() => codesCell(new Map([['dotenv', 75]]))).toThrow('no exit code for bash-env');
  });

  it.each([
    [names, 'every way'],
    [names.filter((name) => name !== 'exec'), 'every way except `exec`'],
    [['role_arns', 'profile', 'dotenv', 'bash-env', 'bash-env --append'], 'every way that writes files'],
    [['dotenv', 'bash-env'], '`dotenv`, `bash-env`'],
  ])('names ways as a group or one by one: %j', (given, text) => {
    expect(waysCell(given)).toBe(text);
  });
});
