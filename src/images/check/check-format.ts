// The documents that make the state folder an OCI layout, which other tools read.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../errors.ts';
import { isIndex, parseManifest } from '../../oci/manifest.ts';
import { mediaType } from '../../oci/media-type.ts';
import { createStoreRoot } from '../../store/store-root.ts';
import type { CheckParts } from './check-store.ts';

/** Undefined where there is none. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isLayout(text: string): boolean {
  try {
    return (JSON.parse(text) as { imageLayoutVersion?: unknown }).imageLayoutVersion === '1.0.0';
  } catch {
    return false;
  }
}

function isIndexText(text: string): boolean {
  try {
    return isIndex(parseManifest(Buffer.from(text), mediaType.ociIndex));
  } catch {
    return false;
  }
}

export async function checkFormat({ root, findings }: CheckParts): Promise<void> {
  const version = textOf(join(root, 'store.json'));
  // Nothing was ever stored.
  if (version === undefined && textOf(join(root, 'oci-layout')) === undefined) return;
  findings.count('format');
  const makeAgain = (path: string) => () => {
    rmSync(path, { force: true });
    createStoreRoot(root).prepare();
  };
  const documents = [
    { name: 'store.json', isWhole: () => true },
    { name: 'oci-layout', isWhole: isLayout },
    { name: 'index.json', isWhole: isIndexText },
  ];
  for (const { name, isWhole } of documents) {
    const path = join(root, name);
    const text = textOf(path);
    if (text !== undefined && isWhole(text)) continue;
    const isMissing = text === undefined;
    await findings.found({
      // Whoever was killed while it made the store has not come to all of them.
      ...{ part: 'format', kind: isMissing ? 'leftover' : 'damage', path },
      what: isMissing ? 'is missing' : 'is damaged',
      remedy: isMissing ? 'it is written, as by whoever stores something next' : 'it is written anew',
      mend: makeAgain(path),
    });
  }
}

/** Once it is known which names hold. */
export async function checkIndex({ root, store, findings }: CheckParts): Promise<void> {
  if (store.images.isIndexed()) return;
  await findings.found({
    ...{ part: 'format', kind: 'leftover', path: join(root, 'index.json') },
    what: 'does not list what has a name',
    remedy: 'it is written anew, as by whoever gives a name next',
    mend: () => store.images.index(),
  });
}
