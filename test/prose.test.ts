import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../src/command-line/run.ts';
import { fakeIo } from './support/fake-io.ts';
import { pages } from './support/pages.ts';
import { root } from './support/run-program.ts';

/** What crept into these texts before, and what to write instead. */
const words: readonly (readonly [found: RegExp, instead: string])[] = [
  [/(?<![-_])\bids\b/, 'IDs'],
  [/\b(an|the|client|account|key|external|project|group) id\b/, 'ID'],
  [/\bmends?\b/, 'updates, fixes'],
  [/\blikeliest\b/, 'most likely'],
  [/\blicences?\b/, 'license'],
  [/\bcolours?\b/, 'color'],
  [/\bbehaviours?\b/, 'behavior'],
  [/\bwhoever\b/i, 'anyone who, users who'],
  [/\bnobody vouches\b/, 'untrusted'],
  [/\b(is|are) not right\b/, 'invalid'],
  [/\bas much as one\b/, 'as much as you'],
  [/\bbeside (that|this|it|the)\b/, 'in addition to'],
  [/\b(lets?|gets?) (the token|it|them|anybody) in\b|\bgets in\b/, 'accepts the token, can assume the role'],
  [/\bthrown away\b/, 'discarded'],
  [/\ba passing fault\b/, 'a temporary failure'],
  [/\bfor good\b/, 'permanently'],
  [/\bwhat STS (said|says|takes)\b/, "STS's error message; accepts"],
  [/\b(stand|stands|stood) in\b/, 'is in'],
];

/** Prose alone: code and generated parts may have any words. */
function proseOf(page: string): string {
  return page
    .replace(/```[\s\S]*?```/g, '')
    .replace(/`[^`\n]*`/g, '')
    .replace(/"[^"\n]*"/g, '')
    .replace(/\]\([^)]*\)/g, ']');
}

const io = fakeIo({});
const helps = createProgram(io, () => {}).commands.flatMap((command) =>
  [command, ...command.commands].map((one) => [`help ${one.name()}`, one.helpInformation()] as const),
);
const folder = join(root, 'src/templates');
const templates = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);

function wrongWords(text: string): readonly string[] {
  const prose = proseOf(text);
  return words.flatMap(([found, instead]) => {
    const match = found.exec(prose);
    const around = match && prose.slice(Math.max(0, match.index - 40), match.index + 40).replace(/\s+/g, ' ');
    return match ? [`"${match[0]}" in "${around}": ${instead}`] : [];
  });
}

describe('prose', () => {
  it.each([...pages, ...helps, ...templates])('of %s is in the words of the field', (_, text) => {
    expect(wrongWords(text)).toEqual([]);
  });

  it('would be found where it is not', () => {
    expect(wrongWords('It mends pipelines by their ids.')).toHaveLength(2);
  });
});
