import type { Note } from '../../migration/note.ts';
import { formatCodeQuality } from '../../output/code-quality.ts';
import { formatDiff } from '../../output/diff.ts';
import { JobLog } from '../../output/job-log.ts';
import { formatJson } from '../../output/json.ts';
import type { Io } from '../../system/io.ts';
import { type Place, placeFinder } from '../../text/place.ts';
import type { MigrateFlags, MigrationResult } from './result.ts';

/** Prints the changes and the notes. */
export function reportMigration(io: Io, result: MigrationResult, flags: MigrateFlags): void {
  const places = placesIn(result);
  if (flags.format === 'json') io.out(toJson(result, places));
  else if (flags.format === 'codequality') io.out(toCodeQuality(result, places));
  else printText(io, result, flags, places);
}

type FindPlace = (path: string, offset: number) => Place;

/** Finds places in the original files. */
function placesIn({ sources }: MigrationResult): FindPlace {
  const finders = new Map([...sources].map(([path, text]) => [path, placeFinder(text)]));
  return (path, offset) => finders.get(path)?.(offset) ?? { line: 1, column: 1 };
}

function printText(io: Io, { files, notes }: MigrationResult, flags: MigrateFlags, places: FindPlace): void {
  for (const line of files.flatMap((file) => formatDiff(file, io.outColour))) io.out(`${line}\n`);
  const log = new JobLog(io, []);
  for (const note of notes) printNote(log, note, places);
  log.title(summary(files.length, notes, flags));
}

function printNote(log: JobLog, { kind, file, offset, message, remedy }: Note, places: FindPlace): void {
  const { line, column } = places(file, offset);
  const text = `${file}:${line}:${column}: ${message}`;
  if (kind === 'left') log.failure(text);
  else log.notice(text);
  log.detail(`→ ${remedy}`);
}

function summary(changed: number, notes: readonly Note[], { write, check }: MigrateFlags): string {
  const left = notes.filter(({ kind }) => kind === 'left').length;
  const rest = left === 0 ? '' : ` ${left} ${left === 1 ? 'place needs' : 'places need'} a change by hand.`;
  if (changed === 0) return `Nothing to change.${rest}`;
  const files = `${changed} ${changed === 1 ? 'file' : 'files'}`;
  if (write && !check) return `${files} changed.${rest}`;
  return `${files} to change${check ? '' : '; use --write to apply the changes'}.${rest}`;
}

function toJson({ files, changes, notes }: MigrationResult, places: FindPlace): string {
  const located = <T extends { file: string; offset: number }>({ offset, ...rest }: T) => {
    return { ...rest, ...places(rest.file, offset) };
  };
  const report = {
    files: files.map(({ path }) => path),
    changes: changes.map(located),
    notes: notes.map(located),
  };
  return formatJson(report);
}

function toCodeQuality({ changes, notes }: MigrationResult, places: FindPlace): string {
  const left = notes.filter(({ kind }) => kind === 'left');
  const issues = [
    ...changes.map((one) => ({ ...one, rule: 'legacy-token' })),
    ...left.map((one) => ({ ...one, rule: 'legacy-token-by-hand' })),
  ];
  return formatCodeQuality(
    issues.map(({ file, offset, message, rule }) => {
      return {
        path: file,
        line: places(file, offset).line,
        rule,
        severity: 'major' as const,
        description: message,
        subject: message,
      };
    }),
  );
}
