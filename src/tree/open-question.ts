// A question about files that is answered once they have been read by other means: they need no second reading for it.
import type { Digest } from '../oci/digest.ts';
import type { Tree } from '../seams.ts';
import type { Steps } from './steps.ts';

export interface OpenQuestion {
  /** What `work` looks at belongs to the question. */
  look<T>(work: Steps<T>): Steps<T>;
  /** Remembers what `ask` answers. `digests`: of files' content, by their paths, as they were read since they were looked at. */
  answer(digests: ReadonlyMap<string, Digest>, ask: () => Steps<Digest>): Steps<Digest>;
}

/** A tree of which answers are remembered. */
export interface AskableTree extends Tree {
  /** Tree.remembered in two parts. Undefined where earlier builds left something to remember: asking first may save the reading. */
  open(question: string): OpenQuestion | undefined;
}

export function openQuestion(tree: Tree, question: string): OpenQuestion | undefined {
  return 'open' in tree ? (tree as AskableTree).open(question) : undefined;
}
