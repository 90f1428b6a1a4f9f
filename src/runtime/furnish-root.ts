// What stands in for mounts where none can be made: places in a step's root are filled for as long as it runs, with copies or with the
// things themselves, and are then as they were before. What a step changes there is dropped, as on a mount that goes with it.
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
} from 'node:fs';
import { SlipwayError, systemCode } from '../errors.ts';
import { copyPath } from '../fs/copy-tree.ts';
import { type Loan, lendFolder } from '../fs/lent-folder.ts';
import { encodePath } from '../fs/path-bytes.ts';
import type { StepMount, StepSpec } from '../seams.ts';
import { openRootPlace, type RootPlace } from './root-place.ts';
import { makeStandInDevices } from './stand-in-devices.ts';

/** What is put at a place. */
type Filling =
  | { type: 'folder'; mode: number | undefined }
  | { type: 'devices' }
  /** Of this step alone. */
  | { type: 'move'; source: string }
  | { type: 'copy'; source: string }
  | { type: 'lend'; source: string }
  /** What stands at another place already. */
  | { type: 'link'; to: string };

interface Wanted {
  target: string;
  directory: boolean;
  filling: Filling;
}

/** A folder that others need: it goes, and comes back. */
export const isLent = (mount: StepMount): mount is Extract<StepMount, { type: 'bind' }> =>
  mount.type === 'bind' && mount.movable === true && !mount.readonly;

function unsupported(message: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_UNSUPPORTED', `${message}, where steps have no more than a chroot`, { hint });
}

const overlaid = (): SlipwayError =>
  unsupported("layers can't be mounted", 'Leave out --snapshotter, or say --snapshotter=copy.');

/** The folder that a step's root is. @throws ERR_UNSUPPORTED */
export function rootFolder({ root }: Pick<StepSpec, 'root'>): string {
  if (root.type !== 'directory') throw overlaid();
  return root.path;
}

function sourceOf(mount: Exclude<StepMount, { type: 'tmpfs' }>): string {
  if (mount.type === 'bind') return mount.source;
  if (mount.root.type !== 'directory') throw overlaid();
  return mount.path === '/' ? mount.root.path : mount.root.path + mount.path;
}

function wantedOf(mount: StepMount, { scratch }: StepSpec): Wanted {
  const { target } = mount;
  if (mount.type === 'tmpfs')
    return { target, directory: true, filling: { type: 'folder', mode: undefined } };
  const source = sourceOf(mount);
  let stat: Stats;
  try {
    stat = statSync(encodePath(source));
  } catch (cause) {
    throw new SlipwayError('ERR_RUNTIME', `${source} can't be mounted at ${target}`, { cause });
  }
  const directory = stat.isDirectory();
  const at = (type: 'move' | 'copy' | 'lend'): Wanted => ({
    ...{ target, directory },
    filling: { type, source },
  });
  if (source.startsWith(`${scratch}/`)) return at('move');
  if (isLent(mount) && directory) return at('lend');
  if (mount.readonly && !stat.isSocket()) return at('copy');
  throw unsupported(
    `${source} can't be mounted at ${target} so that it can be written to`,
    directory ? 'Mount it read-only (:ro).' : 'Copy it into the image, or use another isolation.',
  );
}

const systemPlaces: readonly Wanted[] = [
  { target: '/dev', directory: true, filling: { type: 'devices' } },
  { target: '/proc', directory: true, filling: { type: 'folder', mode: 0o555 } },
  { target: '/sys', directory: true, filling: { type: 'folder', mode: 0o555 } },
];

/** The same folder a second time is a link to where it stands first. */
function wantedPlaces(step: StepSpec): Wanted[] {
  const lent = new Map<string, string>();
  const own = step.mounts.map((mount) => {
    const wanted = wantedOf(mount, step);
    const { filling, target } = wanted;
    if (filling.type !== 'lend') return wanted;
    const to = lent.get(filling.source);
    lent.set(filling.source, to ?? target);
    return to === undefined ? wanted : { ...wanted, filling: { type: 'link', to } as const };
  });
  return [...systemPlaces, ...own];
}

const isThere = (path: string): Stats | undefined => lstatSync(encodePath(path), { throwIfNoEntry: false });

function move(from: string, to: string): void {
  renameSync(encodePath(from), encodePath(to));
}

interface Furnished {
  place: RootPlace;
  /** Where what was there is. */
  aside: string;
  loan: Loan | undefined;
}

/** Puts everything in place; disposing of it takes everything out, the last first. @throws ERR_RUNTIME, ERR_UNSUPPORTED */
export async function furnishRoot(step: StepSpec, signal: AbortSignal): Promise<AsyncDisposable> {
  const root = rootFolder(step);
  const done: Furnished[] = [];
  let names = 0;
  const own = (what: string): string => `${step.scratch}/${what}-${names++}`;

  const fill = async ({ filling, target }: Wanted, place: RootPlace): Promise<Loan | undefined> => {
    switch (filling.type) {
      case 'folder': {
        mkdirSync(encodePath(place.path));
        const hidden = place.isNew ? 0o1777 : Number(place.stat.mode) & 0o7777;
        chmodSync(encodePath(place.path), filling.mode ?? hidden);
        return undefined;
      }
      case 'devices': {
        const made = own('devices');
        makeStandInDevices(made);
        move(made, place.path);
        return undefined;
      }
      case 'move':
        move(filling.source, place.path);
        return undefined;
      case 'copy':
        await copyPath(filling.source, place.path, signal);
        return undefined;
      case 'lend':
        return lendFolder(filling.source, { at: place.path, path: root + target }, signal);
      case 'link':
        symlinkSync(encodePath(filling.to), encodePath(place.path));
        return undefined;
    }
  };

  const putIn = async (wanted: Wanted): Promise<void> => {
    const place = openRootPlace(root, wanted.target, wanted.directory);
    await place.keepingTime(async () => {
      const furnished: Furnished = { place, aside: own('aside'), loan: undefined };
      try {
        move(place.path, furnished.aside);
      } catch (error) {
        place[Symbol.dispose]();
        throw error;
      }
      done.push(furnished);
      furnished.loan = await fill(wanted, place);
    });
  };

  const takeOut = async ({ place, aside, loan }: Furnished): Promise<void> => {
    const found = isThere(place.path);
    if (loan) await loan.giveBack(found?.isDirectory() ? place.path : undefined);
    if (isThere(place.path)) move(place.path, own('dropped'));
    try {
      move(aside, place.path);
    } catch (error) {
      // The step deleted the folder that it was in.
      if (systemCode(error) !== 'ENOENT') throw error;
      rmSync(encodePath(aside), { recursive: true, force: true });
    }
  };

  const furniture: AsyncDisposable = {
    async [Symbol.asyncDispose]() {
      const failures: unknown[] = [];
      for (const furnished of done.splice(0).reverse()) {
        using place = furnished.place;
        await place.keepingTime(() => takeOut(furnished)).catch((error: unknown) => failures.push(error));
      }
      // Not before a cache is back that is in the root.
      if (failures.length > 0) throw failures[0];
    },
  };
  try {
    for (const wanted of wantedPlaces(step)) await putIn(wanted);
    return furniture;
  } catch (error) {
    await furniture[Symbol.asyncDispose]();
    throw error;
  }
}
