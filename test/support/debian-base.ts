// A small Debian image, made with the machine's own mirror. It takes a minute, so it is kept in the temporary folder and
// found again by what went into it.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { aptSettings, aptSources, debianCodename } from './machine-config.ts';
import { requireFeature } from './require-feature.ts';
import { findProgram, mustRun } from './run-command.ts';

export interface DebianBase {
  /** An OCI layout; its image is tagged `latest`. */
  layout: string;
  codename: string;
}

/** Whether a Debian image can be made here; the caller gives up where not. */
export function requireDebianBase(): boolean {
  return (
    requireFeature('root', process.getuid?.() === 0) &&
    requireFeature('debian', debianCodename() !== undefined) &&
    requireFeature('mmdebstrap', findProgram('mmdebstrap') !== undefined) &&
    requireFeature('umoci', findProgram('umoci') !== undefined)
  );
}

async function makeLayout(codename: string, sources: string, work: string): Promise<void> {
  const sourcesFile = join(work, 'sources.list');
  const settings = join(work, 'apt.conf');
  await writeFile(sourcesFile, sources);
  await writeFile(settings, await aptSettings());
  const tar = join(work, 'root.tar');
  const options = ['--variant=minbase', '--quiet', `--aptopt=${settings}`];
  await mustRun(['mmdebstrap', ...options, codename, tar, sourcesFile]);
  const layout = join(work, 'layout');
  await mustRun(['umoci', 'init', '--layout', layout]);
  await mustRun(['umoci', 'new', '--image', `${layout}:latest`]);
  await mustRun(['umoci', 'raw', 'add-layer', '--image', `${layout}:latest`, tar]);
  const env = '--config.env=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  await mustRun(['umoci', 'config', '--image', `${layout}:latest`, env, '--config.cmd=bash']);
  await mustRun(['umoci', 'gc', '--layout', layout]);
  await rm(tar);
}

/** Makes the base, or finds the one that an earlier run made. Two test files may ask at once. */
export async function debianBase(): Promise<DebianBase> {
  const codename = debianCodename()!;
  const sources = aptSources(codename);
  const key = createHash('sha256').update(`1\n${codename}\n${sources}`).digest('hex').slice(0, 12);
  const kept = join(tmpdir(), `slipway-debian-base-${key}`);
  const base = { layout: join(kept, 'layout'), codename };
  while (!existsSync(kept)) {
    const making = `${kept}.making-${process.pid}`;
    const lock = `${kept}.lock`;
    if (!(await takeLock(lock))) {
      await delay(500);
      continue;
    }
    try {
      // Who made it may have ended between the two looks.
      if (existsSync(kept)) break;
      await mkdir(making);
      await makeLayout(codename, sources, making);
      await rename(making, kept);
    } finally {
      await rm(making, { recursive: true, force: true });
      await rm(lock, { recursive: true, force: true });
    }
  }
  return base;
}

/** A folder that names its maker; one whose maker is gone is taken over. */
async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    await writeFile(join(lock, 'pid'), `${process.pid}`);
    return true;
  } catch {
    const maker = await readFile(join(lock, 'pid'), 'utf8').catch(() => '');
    if (maker !== '' && !existsSync(`/proc/${maker}`)) await rm(lock, { recursive: true, force: true });
    return false;
  }
}
