// COPY and ADD: sources, destination and flags with their variables resolved.
import { resolve } from 'node:path/posix';
import { expandHeredoc } from '../dockerfile/expand.ts';
import type { CopyInstruction } from '../dockerfile/instruction.ts';
import { type Place, SlipwayError } from '../errors.ts';
import { makeVertex } from './make-vertex.ts';
import type { StageState } from './stage-state.ts';
import type { CopyOp, CopySource, Vertex } from './vertex.ts';

export interface CopyOptions {
  place: Place;
  expand(text: string): string;
  /** The vertex that --from names; undefined for an empty root. */
  source(from: string): Vertex | undefined;
  context(): Vertex;
}

const urlForm = /^(https?|ftp|git|ssh):\/\/|^git@/;

function isGit(url: string): boolean {
  return /^(git|ssh):\/\/|^git@/.test(url) || /\.git(#|\?|$)/.test(url);
}

/** Absolute, with the slash or dot at its end that says "directory" kept as a slash. */
export function destinationPath(path: string, workdir: string): string {
  if (path === '') return workdir;
  const directory = /(^|\/)\.{0,2}$/.test(path);
  const clean = resolve('/', workdir, path);
  return directory && clean !== '/' ? `${clean}/` : clean;
}

function httpVertex(url: string, checksum: string | undefined, place: Place): Vertex {
  return makeVertex({
    op: { type: 'http', url, checksum },
    inputs: [],
    name: `[internal] fetch ${url}`,
    place,
    ignoreCache: false,
  });
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
  let remote = false;
  for (const word of instruction.sources) {
    const path = expand(word);
    names.push(path);
    if (path === '')
      fail('ERR_SYNTAX', `${keyword} has an empty source: ${JSON.stringify(word)}`, 'is its variable set?');
    if (from === undefined && urlForm.test(path)) {
      if (keyword === 'COPY')
        fail(
          'ERR_SYNTAX',
          `source can't be a URL for COPY: ${path}`,
          'use ADD for what is fetched from the network',
        );
      if (isGit(path))
        fail(
          'ERR_UNSUPPORTED',
          `ADD of a Git repository is not supported: ${path}`,
          'clone it and give the folder with --build-context NAME=DIR, then COPY --from=NAME',
        );
      if (instruction.checksum !== undefined && instruction.sources.length > 1)
        fail('ERR_SYNTAX', 'checksum requires a single source', 'write one ADD for each URL');
      remote = true;
      const checksum = instruction.checksum === undefined ? undefined : expand(instruction.checksum);
      sources.push({ type: 'path', input: inputs.push(httpVertex(path, checksum, place)) - 1, path: '/*' });
      continue;
    }
    sources.push({ type: 'path', input: originInput(), path });
  }
  if (instruction.checksum !== undefined && !remote)
    fail('ERR_SYNTAX', 'checksum requires HTTP(S) or Git sources', 'leave --checksum out');
  for (const heredoc of instruction.heredocs) {
    const data = heredoc.expand ? expandHeredoc(heredoc.body, state.env.get) : heredoc.body;
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
    link: instruction.link,
    parents: instruction.parents,
    excludes: instruction.excludes.map(expand),
    unpack: instruction.unpack ?? (keyword === 'ADD' && !remote),
  };
  const flags = [
    ...(op.chown ? [`--chown=${op.chown}`] : []),
    ...(op.chmod ? [`--chmod=${op.chmod}`] : []),
    ...(op.link ? ['--link'] : []),
    ...(op.parents ? ['--parents'] : []),
    ...op.excludes.map((pattern) => `--exclude=${pattern}`),
  ];
  return {
    parts: { op, inputs, place },
    createdBy: `${[keyword, ...flags, ...names, written].join(' ')} # buildkit`,
  };
}
