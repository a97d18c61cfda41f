import { posix } from 'node:path';
import type { Note } from '../../migration/note.ts';
import type { Repository } from '../../migration/repository.ts';
import { legacyMentions } from '../../migration/tokens/legacy-variable.ts';
import type { CommandLineIo } from '../../system/io.ts';
import type { PipelineFiles } from './pipeline-files.ts';

/** The contents of the other files of the repository, which are never changed. */
export interface RepositoryTexts {
  readonly repository: Repository;
  /** Legacy variables in scripts. */
  readonly notes: readonly Note[];
  /** Texts of the files that the notes refer to. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Longer files are not read. */
const maxCharacters = 1_000_000;

/** Files that mention variables without reading them. */
const documentation =
  /(^|\/)(docs?\/|CHANGELOG|CHANGES|HISTORY|NEWS|README|LICEN[CS]E|CONTRIBUTING|\.git(ignore|attributes)$)|\.(md|mdx|markdown|rst|adoc|asciidoc|org|txt|html?|svg|lock|example|sample)$|package-lock\.json$/i;

/** @param pipelines texts of the pipeline's files, by path */
export async function readRepositoryTexts(
  io: CommandLineIo,
  { root, listed }: PipelineFiles,
  pipelines: ReadonlyMap<string, string>,
): Promise<RepositoryTexts> {
  const notes: Note[] = [];
  const sources = new Map<string, string>();
  const words = new Map<string, string>();
  const named = new Map<string, string>();
  const own = [...pipelines.values()].join('\n');
  for (const name of listed) {
    const path = `${root}${name}`;
    if (pipelines.has(path) || documentation.test(name)) continue;
    const text = await io.readText(path).catch(() => '');
    if (text.length > maxCharacters || text.includes('\0')) continue;
    if (!/\.gitlab-ci[^/]*\.ya?ml$/.test(name))
      for (const word of wordsOf(text)) if (!words.has(word)) words.set(word, path);
    if (own.includes(posix.basename(name))) named.set(name, text);
    for (const mention of legacyMentions(text)) {
      sources.set(path, text);
      notes.push(inScript(path, mention));
    }
  }
  const present = new Set(listed);
  const repository = {
    naming: (word: string) => words.get(word),
    has: (path: string) => present.has(path),
    text: (path: string) => named.get(path),
    withLegacy: [...sources.keys()],
  };
  return { repository, notes, sources };
}

/** Words that can be names of variables or files that a recipe creates. */
function wordsOf(text: string): ReadonlySet<string> {
  const names = text.match(/[A-Za-z_][\w.-]*\w/g) ?? [];
  return new Set(names.flatMap((name) => [name, ...name.split(/[.-]/)]));
}

function inScript(file: string, { offset, name }: { readonly offset: number; readonly name: string }): Note {
  return {
    kind: 'left',
    file,
    offset,
    message: `${name} has been empty since GitLab 17.0`,
    remedy: `Replace it with the name of the ID token, and declare the token in the jobs that run this; or declare the token under the name ${name}.`,
  };
}
