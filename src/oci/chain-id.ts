// The identity of a stack of layers (config.md#layer-chainid).
import { type ChainID, type DiffID, digestOf } from './digest.ts';

/** The chainID of layers given lowest first; undefined for none. */
export function chainID(diffIDs: readonly DiffID[]): ChainID | undefined {
  return chainIDs(diffIDs).at(-1);
}

/** The chainID of every prefix: element i covers layers 0 to i. */
export function chainIDs(diffIDs: readonly DiffID[]): ChainID[] {
  const chain: ChainID[] = [];
  for (const id of diffIDs) {
    const below = chain.at(-1);
    chain.push((below ? digestOf(`${below} ${id}`) : id) as string as ChainID);
  }
  return chain;
}
