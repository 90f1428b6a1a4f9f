// Secrets in layers: seeded values, encodings and places, at and across the ends of chunks; and layers without any, which must pass.
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createSecretGuard } from '../../../src/build/secret-guard.ts';
import type { BuildRequest } from '../../../src/build-request.ts';
import { SlipwayError } from '../../../src/errors.ts';
import { packLayerWithIdentity } from '../../../src/layer/tar-writer.ts';
import type { LayerEntry, TreeEntry } from '../../../src/seams.ts';
import { createRandom } from '../../support/random.ts';
import type { HardFailure, HardSection } from '../section.ts';

type Random = ReturnType<typeof createRandom>;

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=_-.:?&%$!"\\ ü';

const word = (random: Random, length: number): string =>
  Array.from({ length }, () => [...letters][random.number([...letters].length)]).join('');

/** Begins and ends with what nobody trims. */
const secret = (random: Random): string => `s${word(random, 6 + random.number(90))}9`;

const encodings: ((value: string, random: Random) => string)[] = [
  (value) => value,
  (value, random) => Buffer.from(word(random, random.number(100)) + value).toString('base64'),
  (value, random) => Buffer.from(`${word(random, random.number(9))}${value}\n`).toString('base64url'),
  (value, random) =>
    Buffer.from(word(random, random.number(70)) + value)
      .toString('base64')
      .replace(/.{76}/g, '$&\n'),
  (value) => Buffer.from(value).toString('hex'),
  (value) => encodeURIComponent(value),
  (value) => new URLSearchParams({ x: value }).toString(),
  (value) => JSON.stringify({ x: value }),
];

const stat = (type: TreeEntry['type'], size: number): TreeEntry => ({
  ...{ type, size, mode: 0o644, uid: 0, gid: 0, mtime: 0n, major: 0, minor: 0, link: '' },
});

const entry = (path: string, more: Partial<LayerEntry & { kind: 'entry' }> = {}): LayerEntry => ({
  ...{ kind: 'entry', path, stat: stat('file', 0), linkTarget: '', hardLinkTo: undefined },
  ...{ xattrs: {}, content: Buffer.alloc(0), ...more },
});

const text = (path: string, content: Buffer): LayerEntry =>
  entry(path, { stat: stat('file', content.length), content });

/** A file with the bytes at a place of it, zeros before, and some after. */
function bigFile(path: string, at: number, bytes: Buffer): LayerEntry {
  const file = openSync(path, 'w');
  writeSync(file, bytes, 0, bytes.length, at);
  ftruncateSync(file, at + bytes.length + 1000);
  closeSync(file);
  return entry('d/leak', { stat: stat('file', at + bytes.length + 1000), content: path });
}

/** The entry that has it, wherever that is. */
function leak(random: Random, encoded: Buffer, file: string): LayerEntry {
  const chunk = 1 << 20;
  const inName = !encoded.includes(0x2f) && encoded.length < 200 && !encoded.includes(0x0a);
  switch (random.number(4)) {
    case 0:
      if (inName) return entry(`d/${encoded.toString()}`);
      break;
    case 1:
      return entry('d/leak', {
        stat: stat('symlink', 0),
        linkTarget: `/t/${encoded.toString()}`,
        content: undefined,
      });
    case 2:
      // About the end of a chunk of the tar.
      return bigFile(
        file,
        chunk * (1 + random.number(2)) - 2048 - random.number(encoded.length + 600),
        encoded,
      );
  }
  return text('d/leak', Buffer.concat([Buffer.alloc(random.number(3000), 'x'), encoded]));
}

export const section: HardSection = {
  name: 'secrets',
  what: 'no layer holds the value of a secret in any encoding, and others pass',
  bounded: 100,
  full: 6000,
  async run({ attempts, seed, signal, scratch, report }) {
    const failures: HardFailure[] = [];
    for (let attempt = 0; attempt < attempts; attempt++) {
      signal.throwIfAborted();
      if (attempt % 100 === 0) report(`${attempt} of ${attempts}`);
      const random = createRandom(seed * 1_000_003 + attempt);
      const value = secret(random);
      const encode = random.number(encodings.length);
      const encoded = Buffer.from(encodings[encode]!(value, random));
      const isLeak = attempt % 5 !== 4;
      const file = join(scratch, 'file');
      writeFileSync(file, '');
      const filler = Array.from({ length: random.number(20) }, (_, index) =>
        text(`a/${index}`, Buffer.from(word(random, random.number(3000)))),
      );
      const entries = [
        ...filler,
        ...(isLeak ? [leak(random, encoded, file)] : []),
        text('z', Buffer.from('end')),
      ];
      const found = await pack(entries, value);
      const named = found?.code === 'ERR_SECRET' && /"\/d\//.test(found.message);
      if (isLeak ? !named : found !== undefined)
        failures.push({
          what: `attempt ${attempt}: ${JSON.stringify(value)}, encoding ${encode}: ${isLeak ? (found?.message ?? 'not found') : 'found where it is not'}`,
          again: `npm run test:hard -- secrets --seed=${seed}`,
        });
    }
    return { attempts, failures };
  },
};

async function pack(entries: LayerEntry[], value: string): Promise<SlipwayError | undefined> {
  const request = {
    ...{ secrets: [{ id: 's', type: 'env', name: 'S' }], env: { S: value }, buildArgs: {}, cwd: '/' },
    ...{ context: '.', buildContexts: [] },
  } as unknown as BuildRequest;
  const search = createSecretGuard([request], { onEvent() {} })!.layer('the layer')!;
  const packed = packLayerWithIdentity(search.entries(entries));
  try {
    for await (const _ of search.chunks(packed.chunks));
    return undefined;
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
}
