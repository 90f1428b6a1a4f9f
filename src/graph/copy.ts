// COPY and ADD: sources, destination and flags with their variables resolved.
import { resolve } from 'node:path/posix';
import type { CopyInstruction } from '../dockerfile/instruction.ts';
import { type Place, SlipwayError } from '../errors.ts';
import { redactSource } from '../redact-source.ts';
import { checkCommit, isGitReference, parseGitReference } from './git-reference.ts';
import { makeVertex } from './make-vertex.ts';
import type { SourcePolicy } from './source-policy.ts';
import type { StageState } from './stage-state.ts';
import type { CopyOp, CopySource, GitOp, HttpOp, Vertex } from './vertex.ts';

export interface CopyOptions {
  place: Place;
  expand(text: string): string;
  /** The text of an unquoted heredoc. */
  heredoc(body: string): string;
  /** The vertex that --from names; undefined for an empty root. */
  source(from: string): Vertex | undefined;
  context(): Vertex | undefined;
  policy: SourcePolicy;
  /** Something that was said means nothing. */
  warn(message: string): void;
}

const urlForm = /^(https?|ftp):\/\//i;

/** Absolute, with the slash or dot at its end that says "directory" kept as a slash. */
export function destinationPath(path: string, workdir: string): string {
  if (path === '') return workdir;
  const directory = /(^|\/)\.{0,2}$/.test(path);
  const clean = resolve('/', workdir, path);
  return directory && clean !== '/' ? `${clean}/` : clean;
}

function sourceVertex(op: HttpOp | GitOp, shown: string, place: Place): Vertex {
  const name = op.type === 'git' ? `[internal] load git source ${shown}` : `[internal] fetch ${shown}`;
  return makeVertex({ op, inputs: [], name, place, ignoreCache: false });
}

/** What ADD fetches: a file, or a repository whose flags and URL must not contradict each other. */
function remoteOp(path: string, instruction: CopyInstruction, checksum: string | undefined): HttpOp | GitOp {
  const git = parseGitReference(path);
  if (!git) return { type: 'http', url: path, checksum };
  const { keepGitDir } = instruction;
  if (keepGitDir !== undefined && git.keepGitDir !== undefined && keepGitDir !== git.keepGitDir)
    throw new SlipwayError('ERR_SYNTAX', 'inconsistent keep-git-dir configuration', {
      hint: 'the flag and the URL say different things: leave one out',
    });
  if (checksum !== undefined) checkCommit(checksum);
  if (checksum !== undefined && git.checksum !== undefined && checksum !== git.checksum)
    throw new SlipwayError('ERR_SYNTAX', `checksum mismatch ${checksum} != ${git.checksum}`, {
      hint: 'the flag and the URL say different things: leave one out',
    });
  return {
    type: 'git',
    remote: git.remote,
    ref: git.ref,
    subdir: git.subdir,
    checksum: checksum ?? git.checksum,
    keepGitDir: keepGitDir ?? git.keepGitDir ?? false,
    submodules: git.submodules ?? true,
    mtime: git.mtime,
  };
}

export function copyVertex(
  state: StageState,
  instruction: CopyInstruction,
  options: CopyOptions,
): { parts: Omit<Vertex, 'id' | 'name' | 'ignoreCache'>; createdBy: string } {
  const { place, expand } = options;
  const { keyword } = instruction;
  const inputs: (Vertex | undefined)[] = [state.vertex];
  const fail = (code: 'ERR_SYNTAX' | 'ERR_UNSUPPORTED', message: string, hint: string): never => {
    throw new SlipwayError(code, message, { place, hint });
  };
  const from = instruction.from;
  let origin: number | undefined;
  const originInput = (): number => {
    if (origin === undefined) {
      const vertex = from === undefined ? options.context() : options.source(from);
      origin = inputs.push(vertex) - 1;
    }
    return origin;
  };
  const sources: CopySource[] = [];
  const names: string[] = [];
  let remotes = 0;
  for (const word of instruction.sources) {
    const path = expand(word);
    names.push(redactSource(path));
    if (path === '')
      fail('ERR_SYNTAX', `${keyword} has an empty source: ${JSON.stringify(word)}`, 'is its variable set?');
    const isGit = from === undefined && isGitReference(path) && !path.startsWith('github.com/');
    if (from !== undefined || !(isGit || urlForm.test(path))) {
      sources.push({ type: 'path', input: originInput(), path });
      continue;
    }
    if (keyword === 'COPY')
      fail(
        'ERR_SYNTAX',
        `source can't be a ${isGit ? 'git ref' : 'URL'} for COPY: ${redactSource(path)}`,
        'use ADD for what is fetched from the network',
      );
    if (!isGit && !/^https?:/i.test(path))
      fail('ERR_UNSUPPORTED', `only http, https and Git are fetched: ${redactSource(path)}`, 'check the URL');
    if (instruction.checksum !== undefined && instruction.sources.length > 1)
      fail('ERR_SYNTAX', 'checksum requires a single source', 'write one ADD for each URL');
    remotes++;
    const checksum = instruction.checksum === undefined ? undefined : expand(instruction.checksum);
    const op = options.policy<HttpOp | GitOp>(remoteOp(path, instruction, checksum), place);
    const input = inputs.push(sourceVertex(op, redactSource(path), place)) - 1;
    if (op.type === 'git') sources.push({ type: 'path', input, path: '/', unpack: false });
    else sources.push({ type: 'path', input, path: '/*', unpack: instruction.unpack ?? false });
  }
  if (instruction.checksum !== undefined && remotes === 0)
    fail('ERR_SYNTAX', 'checksum requires HTTP(S) or Git sources', 'leave --checksum out');
  // BuildKit says nothing of flags that have nothing to act on.
  const isGit = (source: CopySource): boolean =>
    source.type === 'path' && inputs[source.input]?.op.type === 'git';
  if (instruction.keepGitDir && !sources.some(isGit))
    options.warn(`${keyword} --keep-git-dir is for Git repositories, and no source is one`);
  if (instruction.unpack && instruction.heredocs.length === 0 && sources.every(isGit))
    options.warn(`${keyword} --unpack is for archives, and a Git repository is none`);
  for (const heredoc of instruction.heredocs) {
    const data = heredoc.expand ? options.heredoc(heredoc.body) : heredoc.body;
    sources.push({ type: 'inline', name: heredoc.name, data });
    names.push(`<<${heredoc.name}`);
  }
  const written = expand(instruction.destination);
  const chown = instruction.chown === undefined ? undefined : expand(instruction.chown);
  const chmod = instruction.chmod === undefined ? undefined : expand(instruction.chmod);
  const op: CopyOp = {
    type: 'copy',
    sources,
    destination: destinationPath(written, state.config.WorkingDir || '/'),
    chown: chown || undefined,
    chmod: chmod || undefined,
    // As in BuildKit: directories made on the way take the mode too, and those of the image must keep theirs.
    link: instruction.link && !chmod,
    parents: instruction.parents,
    excludes: instruction.excludes.map(expand),
    unpack: instruction.unpack ?? (keyword === 'ADD' && remotes < sources.length),
  };
  const flags = [
    ...(op.chown ? [`--chown=${op.chown}`] : []),
    ...(op.chmod ? [`--chmod=${op.chmod}`] : []),
    ...(op.parents ? ['--parents'] : []),
  ];
  return {
    parts: { op, inputs, place },
    createdBy: `${[keyword, ...flags, ...names, written].join(' ')} # buildkit`,
  };
}
