// Runs git as a tool: no prompt, no configuration of the user or the system, no hooks, known protocols alone.
import { spawn } from 'node:child_process';
import { SlipwayError } from '../errors.ts';

export interface GitCommandOptions {
  /** Process environment: PATH, HOME, proxies and SSH_AUTH_SOCK are taken from it. */
  env: Record<string, string | undefined>;
  signal: AbortSignal;
  /** `--git-dir`. */
  repository?: string | undefined;
  worktree?: string | undefined;
  /** GIT_INDEX_FILE: the repository's own index is not touched. */
  index?: string | undefined;
  /** Settings for this call, by the environment: they may be secret. */
  config?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Paths may be fetched from: for a copy out of the own mirror. */
  local?: boolean | undefined;
  input?: string | undefined;
}

/** A call that ended with another code than 0. Its words are for the caller to judge. */
export class GitFailure extends Error {
  readonly stderr: string;
  constructor(command: string, stderr: string) {
    super(`git ${command} failed: ${stderr}`);
    this.stderr = stderr;
  }
}

const inherited = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'SSH_AUTH_SOCK'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'],
  ...['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
];

const fixed: [string, string][] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.symlinks', 'true'],
  ['core.fileMode', 'true'],
  ['core.autocrlf', 'false'],
  ['core.askPass', ''],
  ['credential.helper', ''],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['advice.detachedHead', 'false'],
  ['init.defaultBranch', 'main'],
  ['safe.directory', '*'],
  ['http.followRedirects', 'initial'],
];

function environment(options: GitCommandOptions): Record<string, string> {
  const { env, config = [], index, local } = options;
  const variables: Record<string, string> = {};
  for (const name of inherited) {
    const value = env[name];
    if (value !== undefined) variables[name] = value;
  }
  const settings = [...fixed, ...config];
  for (const [at, [name, value]] of settings.entries()) {
    variables[`GIT_CONFIG_KEY_${at}`] = name;
    variables[`GIT_CONFIG_VALUE_${at}`] = value;
  }
  return {
    ...variables,
    GIT_CONFIG_COUNT: String(settings.length),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: local ? 'file' : 'http:https:ssh:git',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
    ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
  };
}

const outputLimit = 64 << 20;
/** Files are made 0644 and 0755, whatever the caller's umask: as BuildKit does. */
const launcher = ['-c', 'umask 022; exec git "$@"', 'sh'];

/**
 * @returns what it wrote to stdout.
 * @throws GitFailure, ERR_UNSUPPORTED where git is missing, the signal's reason when aborted
 */
export async function runGit(args: readonly string[], options: GitCommandOptions): Promise<Buffer> {
  const { signal, repository, worktree } = options;
  signal.throwIfAborted();
  const global = [
    ...(repository === undefined ? [] : [`--git-dir=${repository}`]),
    ...(worktree === undefined ? [] : [`--work-tree=${worktree}`]),
  ];
  const child = spawn('/bin/sh', [...launcher, ...global, ...args], {
    cwd: worktree ?? '/',
    env: environment(options),
    stdio: 'pipe',
    // Its helpers speak to the network: they end with it.
    detached: true,
  });
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  signal.addEventListener('abort', kill, { once: true });
  const chunks: Buffer[] = [];
  let length = 0;
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > outputLimit) kill();
    else chunks.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-4000);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal.throwIfAborted();
    if (code === 127) throw missingGit();
    if (code !== 0) throw new GitFailure(args[0] ?? '', stderr.trim());
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

function missingGit(): SlipwayError {
  return new SlipwayError('ERR_UNSUPPORTED', 'a Git repository needs the command git, which is not there', {
    hint: 'apt-get install git',
  });
}
