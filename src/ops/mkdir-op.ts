// WORKDIR as an op: the directories that are missing, owned by the user in force.
import { SlipwayError } from '../errors.ts';
import type { MkdirOp } from '../graph/vertex.ts';
import type { KeyTree } from '../seams.ts';
import type { Op } from '../solver/solve.ts';
import type { MadeDirectory } from '../tree/directory-entry.ts';
import type { OpEnvironment } from './environment.ts';
import { createLayerDraft, type LayerDraft } from './layer-draft.ts';
import { identityOf, lookAt, type Result, stepKey, withLayer } from './result.ts';
import { directoryOwner } from './user.ts';

export function createMkdirOp(op: MkdirOp, environment: OpEnvironment): Op<Result> {
  return {
    below: (inputs) => identityOf(inputs[0]),
    async *keys(inputs) {
      const tree: KeyTree = {
        type: 'mkdir',
        path: op.path,
        user: op.user,
        root: identityOf(inputs[0]),
      };
      yield stepKey(tree);
    },
    async run(inputs, signal) {
      const { snapshotter } = environment;
      return lookAt(inputs[0], { snapshotter, signal }, (tree) => {
        const mtime = BigInt(environment.now()) * 1_000_000n;
        const draft = createLayerDraft(tree, mtime);
        const path = draft.resolve(op.path, { followLast: true });
        makeFolder(draft, path, { mode: 0o755, ...directoryOwner(tree, op.user), mtime });
        return environment.commit(draft.entries(), signal);
      });
    },
    async load(record, inputs) {
      return withLayer(inputs[0], { diffID: record!.diffID, size: record!.size, blobs: [] }, record!.content);
    },
  };
}

function makeFolder(draft: LayerDraft, path: string, made: MadeDirectory): void {
  const { type } = draft.lstat(path) ?? { type: 'dir' };
  if (type === 'dir') draft.makeDirectories(path, made);
  else {
    throw new SlipwayError('ERR_COPY', `WORKDIR ${path}: there is something that is not a directory`, {
      hint: 'choose another folder, or remove that file in an earlier step',
    });
  }
}
