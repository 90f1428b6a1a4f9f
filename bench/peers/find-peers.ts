// Which other builders are on this machine, and why the missing ones are.
import { findProgram } from '../../test/support/run-command.ts';
import type { Builder } from '../builder.ts';
import { buildahBuilder } from './buildah.ts';
import { dockerBuilder, findDocker } from './docker.ts';

export interface Peers {
  builders: Builder[];
  /** `name: why it does not take part`. */
  missing: string[];
}

export interface PeerWishes {
  /** Parts of names, as in `buildah,buildkit`; undefined: all that are there; empty: none. */
  wanted: string[] | undefined;
  /** Folders that Debian packages of a newer Docker were unpacked into. */
  dockers: string[];
}

export async function findPeers({ wanted, dockers }: PeerWishes): Promise<Peers> {
  const builders: Builder[] = [];
  const missing: string[] = [];
  const isWanted = (name: string): boolean =>
    wanted === undefined || wanted.some((word) => name.includes(word));
  const isRoot = process.getuid?.() === 0;
  if (isWanted('buildkit')) {
    for (const prefix of [...dockers, '/']) {
      const programs = findDocker(prefix);
      if (!programs) missing.push(`buildkit: no dockerd and docker below ${prefix}`);
      else if (!isRoot) missing.push('buildkit: dockerd needs root');
      else builders.push(await dockerBuilder(programs, 'save'));
    }
  }
  if (isWanted('buildah')) {
    if (findProgram('buildah') === undefined) missing.push('buildah: not on PATH');
    else if (!isRoot) missing.push('buildah: its steps need root here');
    else builders.push(await buildahBuilder());
  }
  return { builders, missing };
}
