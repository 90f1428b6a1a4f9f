// Bake files of another machine: `slipway bake URL [URL] [TARGET…]`, and how they are fetched.
import { SlipwayError } from '../../errors.ts';
import type { BakeFile, BuildRequest, Engine, OnEvent, RemoteDefinition } from '../../index.ts';
import { parseArguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import { buildFlags } from './build-flags.ts';
import { bakeFileNames } from './read-bake-files.ts';
import { readBuildRequest } from './read-build-request.ts';

export interface BakeWords {
  /** Where the bake files are; undefined: here. */
  url: string | undefined;
  /** BAKE_CMD_CONTEXT. */
  commandContext: string;
  /** Targets and groups. */
  names: string[];
}

/** `--file cwd://PATH`, and standard input: of this machine, wherever the others are. */
export const isCwdFile = (name: string): boolean => name.startsWith('cwd://');

export const isUrl = (word: string | undefined): word is string =>
  word !== undefined && /^((https?|git|ssh):\/\/|github\.com\/|[\w.-]+@[\w.-]+:)/.test(word);

/** A first word that is a URL says where the bake files are, a second one what the command's own context is. */
export function splitBakeWords(words: readonly string[]): BakeWords {
  const [url, context] = words;
  if (!isUrl(url)) return { url: undefined, commandContext: 'cwd://', names: [...words] };
  if (!isUrl(context)) return { url, commandContext: 'cwd://', names: words.slice(1) };
  return { url, commandContext: context, names: words.slice(2) };
}

/** What logs in to the server of the definition: the variables that docker's bake reads. */
const logins = [
  { id: 'GIT_AUTH_TOKEN', name: 'BUILDX_BAKE_GIT_AUTH_TOKEN' },
  { id: 'GIT_AUTH_HEADER', name: 'BUILDX_BAKE_GIT_AUTH_HEADER' },
];

/** Adds what logs in, where the request has no such secret and its context is of the definition. */
export function addLogins(request: BuildRequest, url: string): void {
  const remote = url.replace(/[?#].*$/, '');
  const contexts = [request.context, ...request.buildContexts.map(({ value }) => value)];
  if (!contexts.some((context) => context.replace(/[?#].*$/, '') === remote)) return;
  for (const { id, name } of logins) {
    if (!request.env[name] || request.secrets.some((secret) => secret.id === id)) continue;
    request.secrets.push({ id, type: 'env', name });
  }
}

export interface FetchedDefinition {
  files: BakeFile[];
  /** Undefined: the URL is one bake file, whose paths are those of the current folder. */
  remote: RemoteDefinition | undefined;
}

export interface FetchWork {
  engine: Pick<Engine, 'contextFiles'>;
  session: Session;
  onEvent: OnEvent;
  lockUse: Pick<BuildRequest, 'offline' | 'lock'>;
}

/**
 * @param names of `--file` that are not `cwd://`; empty: those of the usual names that are there
 * @throws ERR_USAGE where there is no such file, and what fetching throws
 */
export async function fetchDefinition(
  url: string,
  names: readonly string[],
  { engine, session, onEvent, lockUse }: FetchWork,
): Promise<FetchedDefinition> {
  const request = {
    ...readBuildRequest(parseArguments(buildFlags, ['--', url], 'slipway build'), session),
    ...lockUse,
  };
  addLogins(request, url);
  const paths = names.length > 0 ? [...names] : bakeFileNames;
  const found = await engine.contextFiles({ request, paths }, { signal: session.signal, onEvent });
  const plain = url.replace(/[?#].*$/, '').replace(/\/\/[^/@]*@/, '//');
  if (found.kind === 'file') {
    if (names.length === 0) return { files: [{ name: plain, text: found.text }], remote: undefined };
    throw new SlipwayError('ERR_USAGE', `${plain} is one file, and has no ${names[0]} in it`, {
      hint: 'leave out --file, or write --file cwd://PATH for one on this machine',
    });
  }
  const files = paths.flatMap((name, index) => {
    const text = found.texts[index];
    if (text !== undefined) return [{ name, text }];
    if (names.length === 0) return [];
    throw new SlipwayError('ERR_USAGE', `--file: there is no file ${name} in ${plain}`, {
      hint: 'paths start from what the URL names; write cwd://PATH for a file on this machine',
    });
  });
  return { files, remote: { url, kind: found.kind } };
}
