// What Git says of files of a work tree: the commit that last touched one, and contents that it had. Nothing is written, no filter is run.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';

export interface FileCommit {
  /** Short. */
  hash: string;
  subject: string;
  author: string;
  /** ISO 8601. */
  date: string;
}

export interface GitHistory {
  /** `uncommitted`: the file is not as the newest commit has it. Undefined where nothing can be said. Content undefined: it is gone. */
  lastTouch(
    path: string,
    content: Buffer | undefined,
    executable: boolean,
  ): Promise<FileCommit | 'uncommitted' | undefined>;
  /** Contents that the last commits gave a file, the newest first; larger ones are left out. */
  contents(path: string): AsyncIterable<Buffer>;
}

export interface GitHistoryOptions {
  env: Record<string, string | undefined>;
  signal: AbortSignal;
  /** Milliseconds for all questions together. */
  timeout: number;
}

/** Commits in which earlier contents are looked for. */
const lookedBack = 12;
/** Bytes of a content. */
const largest = 1 << 20;

/** Undefined where the folder is in no work tree, or Git is not there, or does not trust it. @param folder absolute */
export async function openGitHistory(
  folder: string,
  options: GitHistoryOptions,
): Promise<GitHistory | undefined> {
  const ended = Date.now() + options.timeout;
  const run = (args: readonly string[]): Promise<Buffer | undefined> => git(folder, args, options, ended);
  const [inside, format] = textOf(await run(['rev-parse', '--is-inside-work-tree', '--show-object-format']))
    .trim()
    .split('\n');
  if (inside !== 'true' || (format !== 'sha1' && format !== 'sha256')) return undefined;
  /** Paths are what they are, whatever signs they have. */
  const literal = ['--literal-pathspecs'];

  async function committed(path: string): Promise<{ mode: string; hash: string } | undefined> {
    const listed = textOf(await run([...literal, 'ls-tree', '-z', 'HEAD', '--', `./${path}`]));
    const [, mode, hash] = /^(\d{6}) blob ([0-9a-f]+)\t/.exec(listed) ?? [];
    return mode === undefined || hash === undefined ? undefined : { mode, hash };
  }

  /** Git may keep a file otherwise than it lies there: line ends, large files elsewhere. */
  async function isConverted(path: string): Promise<boolean> {
    const attributes = textOf(
      await run(['check-attr', '-z', 'filter', 'text', 'eol', 'ident', '--', `./${path}`]),
    ).split('\0');
    return attributes.some((value, at) => at % 3 === 2 && value !== 'unspecified' && value !== 'unset');
  }

  return {
    async lastTouch(path, content, executable) {
      const known = await committed(path);
      if (content === undefined ? known !== undefined : !known) return 'uncommitted';
      if (content !== undefined && known) {
        const own = createHash(format).update(`blob ${content.length}\0`).update(content).digest('hex');
        const isSame = own === known.hash;
        if (!isSame && (await isConverted(path))) return undefined;
        if (!isSame || (known.mode === '100755') !== executable) return 'uncommitted';
      }
      const log = ['log', '-1', '--no-show-signature', '--no-mailmap', '--format=%h%x00%an%x00%aI%x00%s'];
      const said = textOf(await run([...literal, ...log, '--', `./${path}`])).replace(/\n$/, '');
      const [hash, author, date, subject] = said.split('\0');
      if (!hash || author === undefined || date === undefined || subject === undefined) return undefined;
      return { hash, subject, author, date };
    },
    async *contents(path) {
      const log = ['log', `-${lookedBack}`, '--no-show-signature', '--raw', '--no-abbrev', '--format=', '-z'];
      const said = textOf(await run([...literal, ...log, '--no-renames', '--', `./${path}`]));
      const hashes = new Set<string>();
      for (const [, before, after] of said.matchAll(/:\d{6} \d{6} ([0-9a-f]+) ([0-9a-f]+) \w/g))
        for (const hash of [after!, before!]) if (!/^0+$/.test(hash)) hashes.add(hash);
      for (const hash of hashes) {
        const content = await run(['cat-file', 'blob', hash]);
        if (content) yield content;
      }
    },
  };
}

const textOf = (bytes: Buffer | undefined): string => bytes?.toString('utf8') ?? '';

/** What it prints; undefined where it fails, prints too much or takes too long. */
function git(
  folder: string,
  args: readonly string[],
  { env, signal }: GitHistoryOptions,
  ended: number,
): Promise<Buffer | undefined> {
  signal.throwIfAborted();
  const left = ended - Date.now();
  if (left <= 0) return Promise.resolve(undefined);
  const own = {
    ...env,
    ...{ GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', GIT_PAGER: 'cat' },
    ...{ GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined, LC_ALL: 'C' },
  };
  const settings = ['-c', 'core.fsmonitor=false', '-c', 'log.showSignature=false'];
  return new Promise((done) => {
    execFile(
      'git',
      ['-C', folder, '--no-replace-objects', ...settings, ...args],
      { env: own, signal, encoding: 'buffer', maxBuffer: largest, timeout: left, killSignal: 'SIGKILL' },
      (error, stdout) => done(error ? undefined : stdout),
    );
  });
}
