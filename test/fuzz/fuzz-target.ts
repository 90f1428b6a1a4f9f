// What a fuzz target is: sound inputs to begin with, words to put into them, and what reads them.

export interface FuzzPlace {
  /** An empty folder that only this input has; what lies beside it must stay as it is. */
  root: string;
  signal: AbortSignal;
}

export interface FuzzTarget {
  name: string;
  /** Sound inputs, and some that were found to be of use. */
  corpus(): Buffer[];
  /** What a mutation may put anywhere. */
  words: readonly string[];
  /** Makes an input whole again that would else be refused at its first bytes: checksums, compression. */
  repair?(input: Buffer): Buffer | Promise<Buffer>;
  /** It needs `root`: made before each input, and removed after. */
  usesFolder?: boolean;
  /** May throw a SlipwayError, and nothing else. */
  run(input: Buffer, place: FuzzPlace): unknown;
}

/** The same text as an input. */
export const texts = (...list: string[]): Buffer[] => list.map((text) => Buffer.from(text));

/** Documents as inputs. */
export const documents = (...list: unknown[]): Buffer[] =>
  list.map((one) => Buffer.from(JSON.stringify(one)));

/** Throws a plain Error, which is a failure, unless `holds`. */
export function must(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`property broken: ${what}`);
}
