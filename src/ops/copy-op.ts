// COPY and ADD as an op: keyed on the content that they read, made by packing it straight into a layer.
import { SlipwayError } from '../errors.ts';
import type { CopyOp, CopySource } from '../graph/vertex.ts';
import type { Digest } from '../oci/digest.ts';
import type { KeyTree } from '../seams.ts';
import type { CacheKey, Op, Outcome } from '../solver/solve.ts';
import { traced } from '../trace.ts';
import { expandPattern } from '../tree/glob.ts';
import { keyDigest } from '../tree/key-tree.ts';
import { cleanPath } from '../tree/path.ts';
import { hasWildcard } from '../tree/pattern.ts';
import { copyContentKey } from './copy-key.ts';
import { type CopyInput, planCopy } from './copy-plan.ts';
import { selectSources } from './copy-select.ts';
import type { OpEnvironment } from './environment.ts';
import { identityOf, type Result, scratchIdentity, treeOf, withLayer } from './result.ts';

type PathInput = Extract<CopyInput, { type: 'path' }>;
type Inputs = readonly (Result | undefined)[];

/** What the instruction says, apart from what its sources hold. */
function definition(op: CopyOp): KeyTree {
  return {
    type: 'copy',
    destination: op.destination,
    chown: op.chown ?? '',
    chmod: op.chmod ?? '',
    link: String(op.link),
    parents: String(op.parents),
    excludes: JSON.stringify(op.excludes),
    unpack: op.sources.map((source) => unpacks(op, source)).join(' '),
  };
}

function unpacks(op: CopyOp, source: CopySource): boolean {
  return (source.type === 'path' ? source.unpack : undefined) ?? op.unpack;
}

export function createCopyOp(op: CopyOp, environment: OpEnvironment): Op<Result> {
  const below = (inputs: Inputs): string => (op.link ? scratchIdentity : identityOf(inputs[0]));

  async function copyInputs(inputs: Inputs, signal: AbortSignal): Promise<CopyInput[]> {
    const list: CopyInput[] = [];
    for (const source of op.sources) {
      if (source.type === 'inline') list.push(source);
      else {
        const result = inputs[source.input];
        const origin =
          result && result.kind !== 'layers' ? 'the build context' : 'the stage or image that is copied from';
        const tree = await treeOf(result, environment.snapshotter, signal);
        const matches =
          op.parents || !hasWildcard(source.path) ? undefined : expandPattern(tree, cleanPath(source.path));
        list.push({ type: 'path', tree, path: source.path, matches, origin });
      }
    }
    return list;
  }

  /** Known without looking at a file, where all sources are layers. */
  function definitionKey(inputs: Inputs): KeyTree | undefined {
    const sources: KeyTree = {};
    for (const [index, source] of op.sources.entries()) {
      if (source.type === 'inline') sources[`${index} <<${source.name}`] = source.data;
      else {
        const result = inputs[source.input];
        if (result?.kind === 'tree') return undefined;
        sources[String(index)] = { path: source.path, identity: identityOf(result) };
      }
    }
    return { ...definition(op), root: below(inputs), sources };
  }

  async function* keys(inputs: Inputs, signal: AbortSignal): AsyncIterable<CacheKey> {
    const quick = definitionKey(inputs);
    if (quick) yield { digest: keyDigest(quick), tree: quick };
    const content = await contentKey(inputs, signal);
    const tree = { ...definition(op), root: below(inputs), content };
    read = keyDigest(content);
    yield { digest: keyDigest(tree), tree };
  }

  /** What the sources held when the key was made. */
  let read: Digest | undefined;

  async function contentKey(inputs: Inputs, signal: AbortSignal): Promise<KeyTree> {
    return copyContentKey(op, await copyInputs(inputs, signal));
  }

  /** A context is read in place: what was packed must be what the key says, or the cache would lie. */
  async function checkUnchanged(inputs: Inputs, signal: AbortSignal): Promise<void> {
    if (read === undefined || !inputs.some((input) => input?.kind === 'tree')) return;
    if (keyDigest(await contentKey(inputs, signal)) === read) return;
    throw new SlipwayError('ERR_CONTEXT', 'a file of the context changed while it was copied', {
      hint: 'build again when nothing writes to it, or leave what is written to out with .dockerignore',
    });
  }

  async function run(inputs: Inputs, signal: AbortSignal): Promise<Outcome> {
    const held: AsyncDisposable[] = [];
    try {
      return await runWith(held, inputs, signal);
    } finally {
      for (const one of held) await one[Symbol.asyncDispose]();
    }
  }

  async function runWith(held: AsyncDisposable[], inputs: Inputs, signal: AbortSignal): Promise<Outcome> {
    const base = op.link || !inputs[0] ? undefined : await treeOf(inputs[0], environment.snapshotter, signal);
    const list: CopyInput[] = [];
    for (const [index, input] of (await copyInputs(inputs, signal)).entries()) {
      if (input.type !== 'path' || !unpacks(op, op.sources[index]!)) list.push(input);
      else list.push(...(await unpacked(input, held, signal)));
    }
    const entries = planCopy(op, list, { base, now: BigInt(environment.now()) * 1_000_000n });
    const outcome = await environment.commit(entries, signal);
    await traced('copy', 'check that nothing changed', () => checkUnchanged(inputs, signal));
    return outcome;
  }

  /** Each file that is an archive becomes the files in it; the rest is copied as it is. */
  async function unpacked(
    input: PathInput,
    held: AsyncDisposable[],
    signal: AbortSignal,
  ): Promise<CopyInput[]> {
    const list: CopyInput[] = [];
    for (const one of selectSources(input)) {
      const path = input.tree.hostPath(one.path);
      const archive = one.entry.type === 'file' ? await environment.unpackArchive(path, signal) : undefined;
      if (archive) {
        held.push(archive);
        list.push({ type: 'archive', ...archive });
      } else list.push({ type: 'selected', selected: one });
    }
    return list;
  }

  return {
    keys,
    run,
    below,
    async load(record, inputs) {
      return withLayer(inputs[0], { diffID: record!.diffID, size: record!.size, blobs: [] }, record!.content);
    },
  };
}
