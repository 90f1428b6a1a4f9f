// The files that `slipway lint` is to look at: those named, and those found in the folders that are named.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { SlipwayError, systemCode } from '../../errors.ts';
import type { BakedDockerfile, Finding } from '../../index.ts';
import type { Session } from '../session.ts';
import type { LintSetup, LintTools } from './lint-config.ts';
import type { LintThreads } from './lint-threads.ts';
import { pathBytes } from './path-bytes.ts';

export interface LintInputFile {
  /** As the user would name it; `-` for standard input. */
  name: string;
  text: string;
  /** Absolute; undefined for standard input. */
  path: string | undefined;
  /** Build arguments that a bake file gives it. */
  args?: Record<string, string>;
  /** Of a Dockerfile that stands in another file: that one, and where its lines lie there. */
  outer?: { text: string } & Pick<BakedDockerfile, 'locate' | 'isVerbatim'>;
  /** Why there is nothing to lint. */
  failure?: Finding;
}

const dockerfileName = /^(?:Docker|Container)file(?:\..+)?$|\.(?:docker|container)file$/i;
const otherName = /\.(?:docker|container)ignore$|~$/i;
const bakeName = /^(?:docker-)?compose(?:\.[\w-]+)*\.ya?ml$|^docker-bake(?:\.[\w-]+)*\.(?:hcl|json)$/i;
const skipped = new Set(['.git', '.hg', '.svn', 'node_modules']);

const isBakeFile = (name: string): boolean => bakeName.test(basename(name)) || /\.hcl$/i.test(name);

/** In the order of the command line, those of a folder by name, each once. @throws ERR_USAGE, ERR_DOCKERFILE_NOT_FOUND, ERR_CONTEXT */
export async function readLintInputs(
  words: readonly string[],
  session: Session,
  {
    own,
    root,
    createIgnoreMatcher,
    threads,
  }: Pick<LintSetup, 'own' | 'root'> &
    Pick<LintTools, 'createIgnoreMatcher'> & { threads: Pick<LintThreads, 'expect'> },
): Promise<LintInputFile[]> {
  const patterns = (list: readonly string[] | undefined) =>
    list && list.length > 0 ? createIgnoreMatcher(list.join('\n')) : undefined;
  const [include, exclude] = [patterns(own?.include), patterns(own?.exclude)];
  const below = (path: string) => relative(root, path).split(sep).join('/');
  const inputs = new Map<string, LintInputFile>();
  const add = (name: string, path: string) => {
    if (inputs.has(path)) return;
    inputs.set(path, { name, path, text: readText(path, name) });
    threads.expect(inputs.size);
  };
  threads.expect(words.length);

  function walk(folder: string, name: string, isWanted: (path: string, name: string) => boolean): void {
    const entries = readdirSync(pathBytes(folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      const shown = name === '' ? entry.name : join(name, entry.name);
      if (exclude?.ignores(below(path))) continue;
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) walk(path, shown, isWanted);
      } else if (entry.isFile() && isWanted(path, entry.name)) add(shown, path);
    }
  }

  const isUsual = (path: string, name: string): boolean =>
    (dockerfileName.test(name) && !otherName.test(name)) ||
    include?.ignores(below(path)) === true ||
    (bakeName.test(name) && /dockerfile[_-]inline/.test(readFileSync(path, 'utf8')));

  for (const word of words) {
    if (word === '-') {
      inputs.set('-', { name: '-', text: await readAll(session.stdin), path: undefined });
      continue;
    }
    const path = resolve(session.cwd, word);
    const text = readPlainly(path);
    if (text !== undefined) {
      if (!inputs.has(path)) inputs.set(path, { name: word, path, text });
      continue;
    }
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      walk(path, word === '.' ? '' : word, isUsual);
    } else if (stat === undefined && /[*?[]/.test(word) && !isAbsolute(word)) {
      const matcher = createIgnoreMatcher(word);
      const count = inputs.size;
      walk(session.cwd, '', (one) => matcher.ignores(relative(session.cwd, one).split(sep).join('/')));
      if (inputs.size === count) throw noFile(word);
    } else add(word, path);
  }
  return withBaked([...inputs.values()], { session, words });
}

/** With the Dockerfiles of bake and Compose files in their place; files that these name, where they are named themselves. */
async function withBaked(
  inputs: readonly LintInputFile[],
  { session, words }: { session: Session; words: readonly string[] },
): Promise<LintInputFile[]> {
  const isBake = ({ path }: LintInputFile) => path !== undefined && isBakeFile(path);
  if (!inputs.some(isBake)) return [...inputs];
  const { readBaked } = await import('./lint-baked.ts');
  const seen = new Set(inputs.map(({ path }) => path));
  const all: LintInputFile[] = [];
  for (const input of inputs) {
    const { path, name } = input;
    if (path === undefined || !isBake(input)) {
      all.push(input);
      continue;
    }
    const { inputs: inner, paths } = await readBaked({ ...input, path }, session);
    all.push(...inner);
    if (!words.includes(name)) continue;
    for (const { path: own, args } of paths) {
      if (seen.has(own)) continue;
      seen.add(own);
      const short = relative(session.cwd, own);
      const shown = short.startsWith('..') ? own : short;
      all.push({ name: shown, path: own, text: readText(own, shown), args });
    }
  }
  return all;
}

/** Ignore files by the paths of Dockerfiles, looked for once for each folder. */
export interface IgnoreFiles {
  /** The text of the one that a build with the Dockerfile's own folder as the context would use. */
  read(path: string): string | undefined;
  /** Whether some folder from the Dockerfile's up to the top has one: each of them may be the context. */
  has(path: string): boolean;
}

/** @param top absolute; folders above it are of no account */
export function createIgnoreFiles(top: string): IgnoreFiles {
  const texts = new Map<string, string | undefined>();
  const folders = new Map<string, boolean>();
  const below = top.endsWith(sep) ? top : top + sep;
  const textOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

  function has(folder: string): boolean {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const isHere = texts.has(folder)
      ? texts.get(folder) !== undefined
      : existsSync(join(folder, '.dockerignore'));
    const found = isHere || (folder !== top && folder.startsWith(below) && has(dirname(folder)));
    folders.set(folder, found);
    return found;
  }

  return {
    read(path) {
      const folder = dirname(path);
      if (!texts.has(folder)) texts.set(folder, textOf(join(folder, '.dockerignore')));
      return textOf(`${path}.dockerignore`) ?? texts.get(folder);
    },
    has: (path) => has(dirname(path)),
  };
}

function noFile(name: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_DOCKERFILE_NOT_FOUND', `there is no file ${name}`, {
    hint: 'name a Dockerfile, a folder, or - for standard input',
    cause,
  });
}

/** Undefined for a folder, and for what is not there or can't be read. */
function readPlainly(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function readText(path: string, name: string): string {
  try {
    return readFileSync(pathBytes(path), 'utf8');
  } catch (cause) {
    const why = systemCode(cause);
    if (why === 'ENOENT' || why === 'ENOTDIR') throw noFile(name, cause);
    throw new SlipwayError('ERR_CONTEXT', `${name} can't be read`, { cause });
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
