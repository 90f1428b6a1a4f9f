// Finds out whether overlayfs works here by using it: mount options that are accepted and an error only at the first delete
// are both known of it.
import { spawn } from 'node:child_process';
import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { makeTempDir } from '../fs/temp-dir.ts';
import { isWhiteout } from './entry.ts';

export interface ProbeOptions {
  /** Makes the namespaces; a plain mount namespace where not given. */
  unshare?: readonly string[] | undefined;
  /** Mount options that must work, too: `userxattr`, `volatile`. */
  options?: readonly string[] | undefined;
  /** Where `unshare`, `sh`, `mount` and `rm` are looked for. */
  path?: string | undefined;
}

const script = `
mount -t overlay overlay -o "lowerdir=lower,upperdir=upper,workdir=work,$1" merged &&
cd merged && echo new >new && rm gone && rm -r dir && mkdir dir && chmod 700 kept && test -e kept`;

/** Mounts an overlay below `directory` in namespaces of its own, writes and deletes; false where any of it fails. */
export async function probeOverlay(directory: string, options: ProbeOptions = {}): Promise<boolean> {
  await using temporary = await makeTempDir(directory, 'probe');
  for (const name of ['lower', 'lower/dir', 'upper', 'work', 'merged'])
    mkdirSync(`${temporary.path}/${name}`);
  for (const name of ['gone', 'kept', 'dir/file']) writeFileSync(`${temporary.path}/lower/${name}`, name);
  const flags = ['index=off', ...(options.options ?? [])].join(',');
  const argv = [...(options.unshare ?? ['--mount']), 'sh', '-c', script, 'sh', flags];
  const env = { PATH: options.path ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
  const succeeded = await new Promise<boolean>((resolve) => {
    const child = spawn('unshare', argv, { cwd: temporary.path, env, stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
  if (!succeeded) return false;
  const look = (name: string) =>
    lstatSync(`${temporary.path}/upper/${name}`, { bigint: true, throwIfNoEntry: false });
  const gone = look('gone');
  return gone !== undefined && isWhiteout(gone) && (look('new')?.isFile() ?? false);
}
