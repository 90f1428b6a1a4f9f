// What is neither content nor record: digests of contexts, mirrors of repositories, cache mounts.
import { existsSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stateOfStatFile } from '../../context/stat-file.ts';
import { filesIn } from '../disk-files.ts';
import type { CheckParts } from './check-store.ts';

export async function checkOthers(parts: CheckParts): Promise<void> {
  await checkContexts(parts);
  await checkMirrors(parts);
  await checkCacheMounts(parts);
}

async function checkContexts({ root, findings, signal }: CheckParts): Promise<void> {
  for (const { path, isFile } of filesIn(join(root, 'contexts-v1'))) {
    signal.throwIfAborted();
    findings.count('contexts');
    if (isFile && stateOfStatFile(readFileSync(path)) !== 'damaged') continue;
    await findings.found({
      ...{ part: 'contexts', kind: 'damage', path, what: 'is not as it was written' },
      remedy: 'it is removed, and the files of the context are read again',
      mend: () => rmSync(path, { recursive: true, force: true }),
    });
  }
}

/** Git checks what it reads; here it is seen that there is something to read. */
async function checkMirrors({ root, env, findings, quick, signal }: CheckParts): Promise<void> {
  const folder = join(root, 'git-v1');
  for (const { path, name, isFolder } of filesIn(folder)) {
    if (!isFolder || name === 'refs' || !/^[0-9a-f]{64}$/.test(name)) continue;
    signal.throwIfAborted();
    findings.count('git');
    const parts = ['HEAD', 'config', 'objects', 'refs'];
    const lacking = parts.find((part) => !existsSync(join(path, part)));
    const what = lacking ? `lacks ${lacking}` : quick ? undefined : await brokenMirror(path, env, signal);
    if (what === undefined) continue;
    await findings.found({
      ...{ part: 'git', kind: 'damage', path, what },
      remedy: 'it is removed, and fetched again',
      mend: () => rmSync(path, { recursive: true, force: true }),
    });
  }
}

async function brokenMirror(
  repository: string,
  env: CheckParts['env'],
  signal: AbortSignal,
): Promise<string | undefined> {
  const { GitFailure, runGit } = await import('../../source/git-command.ts');
  const args = ['fsck', '--no-dangling', '--no-progress', '--no-reflogs'];
  try {
    await runGit(args, { env, signal, repository });
    return undefined;
  } catch (error) {
    if (error instanceof GitFailure) return `is damaged: ${error.stderr.trim().split('\n')[0]}`;
    signal.throwIfAborted();
    // No git here: then nobody reads it either.
    return undefined;
  }
}

/** Steps write there what they like: the folders themselves are all that can be checked. */
async function checkCacheMounts({ root, findings }: CheckParts): Promise<void> {
  for (const { path, name } of filesIn(join(root, 'cache-mounts-v1'))) {
    if (name === 'trash') continue;
    findings.count('cache mounts');
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== false) continue;
    await findings.found({
      ...{ part: 'cache mounts', kind: 'damage', path, what: 'is no folder' },
      remedy: 'it is removed',
      mend: () => rmSync(path, { force: true }),
    });
  }
}
