// A process of its own for tests that kill it or need several: `child.ts <what> <root> [...]`. Writes lines on stdout.

import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as breathe, setInterval as every } from 'node:timers/promises';
import { isSlipwayError } from '../../src/errors.ts';
import { withLock } from '../../src/fs/lock.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { createContentStore } from '../../src/store/content-store.ts';
import { bytesOf } from '../contract/bytes.ts';

const [what, root = '', argument = ''] = process.argv.slice(2);
const signal = new AbortController().signal;
const say = (text: string) => process.stdout.write(`${text}\n`);

const programs: Record<string, () => Promise<void>> = {
  /** Stores one blob after the other, and says so for each chunk, until it is killed. */
  async 'ingest-forever'() {
    const store = createContentStore(root);
    for (let seed = Number(argument); ; seed++) {
      async function* source() {
        for (let i = 0; i < 5; i++) {
          say('chunk');
          await breathe();
          yield bytesOf(300_000, seed * 10 + i);
        }
      }
      await store.ingest(source());
    }
  },
  /** Stores the blob of a seed under its digest. */
  async ingest() {
    const [seed, digest] = argument.split(',');
    const content = bytesOf(3_000_000, Number(seed));
    const info = await createContentStore(root).ingest([content], { digest: digest as Digest });
    say(JSON.stringify(info));
  },
  /** Stores more than there is room for. */
  async fill() {
    async function* source() {
      for (let i = 0; i < 8; i++) yield bytesOf(500_000, i);
    }
    const store = createContentStore(root);
    await store.ingest(source()).catch((error) => say(isSlipwayError(error) ? error.code : String(error)));
    const { size } = await store.ingest([bytesOf(300_000)]);
    say(String(size));
  },
  /** Takes a lock and keeps it. */
  async hold() {
    await withLock(root, signal, async () => {
      say('held');
      for await (const _ of every(1000)) say('still');
    });
  },
  /** Adds 1 to the number in a file, 25 times, in two steps that another process could come between. */
  async count() {
    for (let i = 0; i < 25; i++) {
      await withLock(root, signal, async () => {
        const before = Number(readFileSync(argument, 'utf8'));
        await breathe();
        writeFileSync(argument, String(before + 1));
      });
    }
    say('done');
  },
};

await programs[what ?? '']!();
