// The identity of a stack of layers (config.md#layer-chainid).
import { type ChainID, type DiffID, digestOf } from './digest.ts';

/** The chainID of layers given lowest first; undefined for none. */
export function chainID(diffIDs: readonly DiffID[]): ChainID | undefined {
  return chainIDs(diffIDs).at(-1);
}

/** The chainID of every prefix: element i covers layers 0 to i. */
export function chainIDs(diffIDs: readonly DiffID[]): ChainID[] {
  const chain: ChainID[] = [];
  for (const id of diffIDs) chain.push(chainIDOn(chain.at(-1), id));
  return chain;
}

/** The chainID of one more layer on a stack. */
export function chainIDOn(below: ChainID | undefined, diffID: DiffID): ChainID {
  return (below ? digestOf(`${below} ${diffID}`) : diffID) as string as ChainID;
}
