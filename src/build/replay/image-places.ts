// Where the builds of a replay leave their images: state folders, and files that tell IDs. They outlast a replay that is stopped.
import { existsSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../../fs/temp-dir.ts';
import type { ReplayRunner } from '../../replay/replay-result.ts';
import type { RebuiltImage } from './rebuilder.ts';

export interface ImagePlace {
  root: string;
  /** Is there once the build went well. */
  idFile: string;
}

export interface ImagePlaces {
  /** For the next build of a variant: on a cold runner an empty state folder. What the one before made is kept, as this build may fail. */
  begin(variant: number): Promise<ImagePlace>;
  /** Of the last build that went well. */
  last(variant: number): RebuiltImage | undefined;
}

export function createImagePlaces(work: string, runner: ReplayRunner): ImagePlaces {
  const isCold = runner === 'cold';
  const now = (variant: number): ImagePlace => ({
    root: join(work, `state-${variant}`),
    idFile: join(work, `image-${variant}`),
  });
  const before = (variant: number): ImagePlace => ({
    root: isCold ? join(work, `state-${variant}-before`) : now(variant).root,
    idFile: join(work, `image-${variant}-before`),
  });
  return {
    async begin(variant) {
      const [place, kept] = [now(variant), before(variant)];
      if (existsSync(place.idFile)) {
        if (isCold) await removeTree(kept.root);
        await rename(place.idFile, kept.idFile);
        if (isCold) await rename(place.root, kept.root);
      } else if (isCold) await removeTree(place.root);
      return place;
    },
    last(variant) {
      const place = [now(variant), before(variant)].find(({ idFile }) => existsSync(idFile));
      return place && { root: place.root, image: readFileSync(place.idFile, 'utf8').trim() };
    },
  };
}
