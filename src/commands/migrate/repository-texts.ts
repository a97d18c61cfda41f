import { posix } from 'node:path';
import type { Note } from '../../migration/note.ts';
import type { Repository } from '../../migration/repository.ts';
import { legacyMentions } from '../../migration/tokens/legacy-variable.ts';
import type { CommandLineIo } from '../../system/io.ts';
import type { PipelineFiles } from './pipeline-files.ts';

/** What the other files of the repository say; none of them is ever changed. */
export interface RepositoryTexts {
  readonly repository: Repository;
  /** Legacy variables that scripts name. */
  readonly notes: readonly Note[];
  /** Texts that the notes are about. */
  readonly sources: ReadonlyMap<string, string>;
}

/** No script of a repository is longer. */
const maxCharacters = 1_000_000;

/** They tell of variables and read none. */
const documentation =
  /(^|\/)(docs?\/|CHANGELOG|CHANGES|HISTORY|NEWS|README|LICEN[CS]E|CONTRIBUTING|\.git(ignore|attributes)$)|\.(md|mdx|markdown|rst|adoc|asciidoc|org|txt|html?|svg|lock|example|sample)$|package-lock\.json$/i;

/** @param pipelines the pipeline's own files: texts by path */
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

/** Names of variables and of files, of the kind that a recipe makes. */
function wordsOf(text: string): ReadonlySet<string> {
  const names = text.match(/[A-Za-z_][\w.-]*\w/g) ?? [];
  return new Set(names.flatMap((name) => [name, ...name.split(/[.-]/)]));
}

function inScript(file: string, { offset, name }: { readonly offset: number; readonly name: string }): Note {
  return {
    kind: 'left',
    file,
    offset,
    message: `${name} is empty since GitLab 17.0`,
    remedy: `Put the name of the ID token in its place, and declare the token in the jobs that run it; or declare it there under the name ${name}.`,
  };
}
