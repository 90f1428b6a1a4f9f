// What this machine can do: found out once, and remembered while kernel, PATH and user stay the same.

import { readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import type { MountForm } from '../fs/mount-image.ts';
import { privateMode } from '../fs/private-folder.ts';
import { userNamespace } from '../fs/user-namespace.ts';

/** Mounted once by this process and for all steps, or by each step in its own namespace. */
export type ErofsForm = MountForm | `step-${MountForm}`;

export interface Probed {
  machine: string;
  overlay?: { works: boolean; volatile: boolean };
  /** In which form; none where it does not work. */
  erofs?: { form?: ErofsForm };
  /** Whether this process can mount plain files, which is the first of those forms. */
  images?: { works: boolean };
  runtimes?: { name: string; command: string; works: boolean; reason?: string }[];
}

export interface Probes {
  known(): Promise<Probed>;
  remember(found: Partial<Probed>): Promise<void>;
  /** Whether overlayfs works in the state folder, and without syncing. */
  overlay(): Promise<NonNullable<Probed['overlay']>>;
  /** How layers can be mounted where they lie; undefined where they can't. */
  erofs(): Promise<ErofsForm | undefined>;
  /** Whether they can be in the best of the forms: as plain files, by this process. */
  images(): Promise<boolean>;
}

/** @param path PATH for programs of the host. */
export function createProbes(root: string, path: string): Probes {
  const namespace = userNamespace();
  // What holds in a user namespace says nothing of the machine, nor the other way round.
  const file = join(root, namespace ? `probes-${namespace.kind}-v1.json` : 'probes-v1.json');
  const who = namespace ? `${namespace.kind} ${namespace.ids}` : '';
  const machine = [release(), path, bootID(), process.getuid?.() ?? '', ...(who ? [who] : [])].join('\n');
  let read: Promise<Probed> | undefined;
  const found: {
    overlay?: Promise<NonNullable<Probed['overlay']>>;
    erofs?: Promise<ErofsForm | undefined>;
    images?: Promise<boolean>;
  } = {};

  async function load(): Promise<Probed> {
    try {
      const told = JSON.parse(await readFile(file, 'utf8')) as Probed;
      if (told.machine === machine) return told;
    } catch {
      // Not there, or torn: it is found out again.
    }
    return { machine };
  }

  function known(): Promise<Probed> {
    read ??= load();
    return read;
  }

  async function remember(news: Partial<Probed>): Promise<void> {
    const all = Object.assign(await known(), news);
    await mkdir(join(root, 'tmp'), { recursive: true, mode: privateMode });
    await writeFileAtomic(file, JSON.stringify(all), { tmp: join(root, 'tmp'), fsync: false });
  }

  async function findOverlay(): Promise<NonNullable<Probed['overlay']>> {
    const told = (await known()).overlay;
    if (told !== undefined) return told;
    if (process.platform !== 'linux') return { works: false, volatile: false };
    const { probeOverlay } = await import('../snapshot/probe.ts');
    const folder = join(root, 'tmp');
    await mkdir(folder, { recursive: true, mode: privateMode });
    // Without it every fsync of a package manager goes to the disk, for files that a crash would discard anyway.
    const own = namespace ? ['userxattr'] : [];
    const volatile = await probeOverlay(folder, { path, options: [...own, 'volatile'] });
    const works = volatile || (await probeOverlay(folder, { path, options: own }));
    await remember({ overlay: { works, volatile } });
    return { works, volatile };
  }

  async function findErofs(): Promise<ErofsForm | undefined> {
    const told = (await known()).erofs;
    if (told !== undefined) return told.form;
    if (process.platform !== 'linux' || namespace) return undefined;
    const form: ErofsForm | undefined = (await probes.images()) ? 'file' : await findOtherForm();
    await remember({ erofs: form ? { form } : {} });
    return form;
  }

  async function findOtherForm(): Promise<ErofsForm | undefined> {
    const { probeForm } = await import('../snapshot/probe-erofs.ts');
    const folder = join(root, 'tmp');
    if (await probeForm('loop', folder, path)) return 'loop';
    const { probeStepImages } = await import('./probe-step-images.ts');
    for (const each of ['file', 'loop'] as const)
      if (await probeStepImages(each, folder)) return `step-${each}`;
    return undefined;
  }

  async function findImages(): Promise<boolean> {
    const told = (await known()).images;
    if (told !== undefined) return told.works;
    // The kernel mounts images of file systems for the machine's root alone.
    if (process.platform !== 'linux' || namespace) return false;
    const { probeForm } = await import('../snapshot/probe-erofs.ts');
    const folder = join(root, 'tmp');
    await mkdir(folder, { recursive: true, mode: privateMode });
    const works = await probeForm('file', folder, path);
    await remember({ images: { works } });
    return works;
  }

  const probes: Probes = {
    known,
    remember,
    overlay() {
      found.overlay ??= findOverlay();
      return found.overlay;
    },
    erofs() {
      found.erofs ??= findErofs();
      return found.erofs;
    },
    images() {
      found.images ??= findImages();
      return found.images;
    },
  };
  return probes;
}

function bootID(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
