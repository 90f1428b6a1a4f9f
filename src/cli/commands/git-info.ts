// What Git says of the folder that a build reads: its commit and where it comes from, for labels and for provenance.
import { execFile } from 'node:child_process';
import { join, relative, resolve } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { BuildRequest } from '../../index.ts';
import { environmentSwitch } from '../environment-switch.ts';
import type { Session } from '../session.ts';
import { isUrl } from './remote-definition.ts';

type Env = Record<string, string | undefined>;

/** Of a work tree. */
export interface GitInfo {
  root: string;
  /** Undefined before the first commit. `-dirty` behind it where that was asked for. */
  revision: string | undefined;
  /** The URL of the remote, less what logs in there. */
  source: string | undefined;
}

/** Variables that docker's build reads. @throws ERR_USAGE */
function wishes(env: Env): { labels: boolean; info: boolean; dirty: boolean } {
  return {
    labels: env['BUILDX_GIT_LABELS'] === 'full' || (environmentSwitch(env, 'BUILDX_GIT_LABELS') ?? false),
    info: environmentSwitch(env, 'BUILDX_GIT_INFO') ?? true,
    dirty: environmentSwitch(env, 'BUILDX_GIT_CHECK_DIRTY') ?? false,
  };
}

/** Adds labels to a request, where BUILDX_GIT_LABELS asks for them, and to its provenance what it is made from. */
export async function addGitInfo(request: BuildRequest, session: Session): Promise<void> {
  const { context, cwd, attestations, metadataProvenance: mode } = request;
  const { labels, info, dirty } = wishes(session.env);
  const isSaid = info && (attestations?.provenance !== undefined || (mode ?? 'none') !== 'none');
  if (context === '-' || isUrl(context) || (!labels && !isSaid)) return;
  const folder = resolve(cwd, context);
  const found = await readGitInfo(folder, { session, dirty, isWanted: labels });
  if (!found) return;
  const { root, revision, source } = found;
  const file =
    request.dockerfile === undefined ? join(folder, 'Dockerfile') : resolve(cwd, request.dockerfile);
  const inRoot = (path: string): string | undefined => {
    const name = relative(root, path);
    return name.startsWith('..') ? undefined : name || '.';
  };
  const entrypoint = request.dockerfile === '-' ? undefined : inRoot(file);
  if (labels) {
    request.labels = defined({
      'org.opencontainers.image.revision': revision,
      'org.opencontainers.image.source': source,
      'com.docker.image.source.entrypoint': entrypoint,
      ...request.labels,
    });
  }
  if (isSaid) {
    request.vcs = defined({
      source,
      revision,
      'localdir:context': inRoot(folder),
      'localdir:dockerfile': entrypoint === undefined ? undefined : inRoot(join(file, '..')),
    });
  }
}

function defined(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
    ),
  );
}

interface Asking {
  session: Session;
  dirty: boolean;
  /** It is an error that there is no Git. */
  isWanted: boolean;
}

/** Undefined outside of a work tree. @throws ERR_USAGE where Git is wanted and not there */
async function readGitInfo(
  folder: string,
  { session, dirty, isWanted }: Asking,
): Promise<GitInfo | undefined> {
  const run = (...args: string[]): Promise<string | undefined> => git(folder, args, session);
  const [inside, root] = ((await run('rev-parse', '--is-inside-work-tree', '--show-toplevel')) ?? '').split(
    '\n',
  );
  if (inside !== 'true' || !root) {
    if (isWanted && (await run('--version')) === undefined) {
      throw new SlipwayError('ERR_USAGE', 'BUILDX_GIT_LABELS is set, and git could not be started', {
        hint: 'install git, or unset BUILDX_GIT_LABELS',
      });
    }
    return undefined;
  }
  const head = await run('rev-parse', '--verify', '--quiet', 'HEAD');
  const isDirty = head !== undefined && dirty && (await run('status', '--porcelain')) !== '';
  return { root, revision: head && `${head}${isDirty ? '-dirty' : ''}`, source: await remoteOf(run) };
}

/** That of the current branch, else `origin`, else `upstream`. */
async function remoteOf(
  run: (...args: string[]) => Promise<string | undefined>,
): Promise<string | undefined> {
  const branch = await run('symbolic-ref', '--quiet', '--short', 'HEAD');
  const own = branch === undefined ? undefined : await run('config', '--get', `branch.${branch}.remote`);
  for (const name of [own, 'origin', 'upstream']) {
    const url = name === undefined ? undefined : await run('remote', 'get-url', '--', name);
    if (url) return url.replace(/^(https?:\/\/)[^/@]*@/i, '$1');
  }
  return undefined;
}

/** What it prints, trimmed; undefined where it fails. */
function git(folder: string, args: readonly string[], { env, signal }: Session): Promise<string | undefined> {
  const own = { ...env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  return new Promise((done) => {
    execFile(
      'git',
      ['-C', folder, '-c', 'core.fsmonitor=false', ...args],
      { env: own, signal, encoding: 'utf8', maxBuffer: 1 << 24 },
      (error, stdout) => done(error ? undefined : stdout.trim()),
    );
  });
}
