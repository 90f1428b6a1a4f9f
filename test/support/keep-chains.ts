// A process that keeps the same chains as another one, each at the same moment: `keep-chains.ts DIRECTORY TURNS OWN OTHER COUNT`.
import { existsSync, writeFileSync } from 'node:fs';
import { type ChainID, type DiffID, digestOf } from '../../src/oci/digest.ts';
import { createChainStore } from '../../src/snapshot/chain-store.ts';

const [, , directory = '', turns = '', own = '', other = '', count = '0'] = process.argv;
const store = createChainStore(directory);
// A record that takes some time to write.
const opaque = Array.from({ length: 500 }, (_, number) => `/folder/${number}`);
for (let number = 0; number < Number(count); number++) {
  const working = store.begin();
  writeFileSync(`${turns}/${own}${number}`, '');
  while (!existsSync(`${turns}/${other}${number}`));
  const id = digestOf(`chain ${number}`) as string as ChainID;
  store.keep(working, id, { diffID: digestOf('layer') as string as DiffID, opaque });
}
store.release();
