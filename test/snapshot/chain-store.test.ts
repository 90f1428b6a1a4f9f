// What several processes make at once: one record holds, and every folder is somebody's.
import { readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ChainID, digestOf } from '../../src/oci/digest.ts';
import { createChainStore } from '../../src/snapshot/chain-store.ts';
import { nodeCommand, run } from '../support/child-process.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('snapshot/chain-store');

const count = 400;

test('of two that keep one chain at the same moment, one is first, and the other one drops its folder', async () => {
  await using folder = await tempDir();
  const directory = folder.file('snapshots');
  createChainStore(directory).open();
  await mkdir(folder.file('turns'));
  const program = 'support/keep-chains.ts';
  const keep = (own: string, other: string) =>
    run(nodeCommand(program, directory, folder.file('turns'), own, other, String(count)));
  await Promise.all([keep('a', 'b'), keep('b', 'a')]);
  const store = createChainStore(directory);
  const ids = Array.from({ length: count }, (_, number) => digestOf(`chain ${number}`) as string as ChainID);
  const kept = ids.map((id) => String(store.lookup(id)?.dir));
  assert.equal(readdirSync(join(directory, 'l')).sort(), ['0', '00', ...kept].sort());
  assert.equal(readdirSync(join(directory, 'tmp')), []);
});

test.run();
