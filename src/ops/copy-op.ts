// COPY and ADD as an op: keyed on the content that they read, made by packing it straight into a layer.
import { runInTurns } from '../fs/in-turns.ts';
import type { CopyOp, CopySource } from '../graph/vertex.ts';
import type { Digest } from '../oci/digest.ts';
import type { KeyTree, LayerEntry, Tree } from '../seams.ts';
import type { CacheKey, Op, Outcome, Unread } from '../solver/solve.ts';
import { traced } from '../trace.ts';
import { keyDigest } from '../tree/key-tree.ts';
import { type OpenQuestion, openQuestion } from '../tree/open-question.ts';
import { runThrough, type Steps } from '../tree/steps.ts';
import { changedMeanwhile, noticingChange } from './context-change.ts';
import { copyContentKey, lookAtSources } from './copy-key.ts';
import { type CopyInput, planCopy } from './copy-plan.ts';
import { selectSources, wildcardMatches } from './copy-select.ts';
import type { OpEnvironment } from './environment.ts';
import { identityOf, lookAt, type Result, scratchIdentity, stepKey, treeOf, withLayer } from './result.ts';
import { createSeenTree } from './seen-tree.ts';

type PathInput = Extract<CopyInput, { type: 'path' }>;
type Inputs = readonly (Result | undefined)[];

/** What sources hold, and the digest of that. */
interface SourceContent {
  digest: Digest;
  content(): KeyTree;
  /** As they were seen when the digest was made, until the layer is planned. */
  seen: Map<Tree | undefined, Tree>;
}

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

/** All that the digest of the content depends on, besides the files. */
function question({ sources, excludes, parents, chown, chmod }: CopyOp): string {
  const paths = sources.map((source) => (source.type === 'inline' ? source : source.path));
  return JSON.stringify(['copy', paths, excludes, parents, chown === undefined, chmod ?? '']);
}

/** The tree with digests that are known of its files. */
function withDigests(tree: Tree, digests: ReadonlyMap<string, Digest>): Tree {
  return {
    ...tree,
    contentDigest: (path) => digests.get(path) ?? tree.contentDigest(path),
    *digestInSteps(path) {
      const known = digests.get(path);
      if (known !== undefined || !tree.digestInSteps) return known ?? tree.contentDigest(path);
      return yield* tree.digestInSteps(path);
    },
  };
}

export function createCopyOp(op: CopyOp, environment: OpEnvironment): Op<Result> {
  const below = (inputs: Inputs): string => (op.link ? scratchIdentity : identityOf(inputs[0]));

  /** The trees of the sources that are paths, by their index. */
  async function sourceTrees(inputs: Inputs, signal: AbortSignal): Promise<(Tree | undefined)[]> {
    const trees: (Tree | undefined)[] = [];
    for (const source of op.sources) {
      if (source.type === 'inline') trees.push(undefined);
      else trees.push(await treeOf(inputs[source.input], environment.snapshotter, signal));
    }
    return trees;
  }

  function copyInputs(inputs: Inputs, trees: readonly (Tree | undefined)[]): CopyInput[] {
    return op.sources.map((source, index) => {
      if (source.type === 'inline') return source;
      const result = inputs[source.input];
      const origin =
        result && result.kind !== 'layers' ? 'the build context' : 'the stage or image that is copied from';
      const tree = trees[index]!;
      const matches = wildcardMatches(tree, source.path, op.parents);
      return { type: 'path', tree, path: source.path, matches, origin };
    });
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
    if (quick) yield stepKey(quick);
    const sources = inputs.slice(1);
    if (!read || sources.some((source, index) => source !== read?.sources[index]))
      read = { sources, ...(await noticingChange(inputs, () => readSources(inputs, signal))) };
    const { digest, content } = read;
    const known = { ...definition(op), root: below(inputs) };
    const key = stepKey({ ...known, content: digest });
    yield {
      ...key,
      unread: unreadDigest(),
      // Where the digest was remembered, nobody may come to ask what it is made of.
      get tree() {
        return { ...known, content: content() };
      },
    };
  }

  /** What the sources held when the key was made: the root may get its identity after that. */
  let read: ({ sources: Inputs } & SourceContent) | undefined;

  async function readSources(inputs: Inputs, signal: AbortSignal): Promise<SourceContent> {
    const trees = await sourceTrees(inputs, signal);
    const seen = seenTrees(inputs);
    let all = trees.map((tree) => seen.get(tree) ?? tree);
    let content: KeyTree | undefined;
    function* ask(): Steps<Digest> {
      content = yield* copyContentKey(op, copyInputs(inputs, all));
      // They remember what they have seen, and are not asked again here.
      all = [];
      return keyDigest(content);
    }
    const digest = await runInTurns(remembered(trees, ask), signal);
    return {
      digest,
      seen,
      content() {
        if (!content && runThrough(ask()) !== digest) throw changedMeanwhile();
        return content!;
      },
    };
  }

  /** A context is looked at once for the key and the layer, and again when that is packed; other trees hold still. */
  function seenTrees(inputs: Inputs): Map<Tree | undefined, Tree> {
    const seen = new Map<Tree | undefined, Tree>();
    for (const input of inputs)
      if (input?.kind === 'tree' && !seen.has(input.tree)) seen.set(input.tree, createSeenTree(input.tree));
    return seen;
  }

  /** Files of one context are not asked again what they have not changed in. */
  function remembered(trees: readonly (Tree | undefined)[], ask: () => Steps<Digest>): Steps<Digest> {
    const [tree, ...others] = new Set(trees.filter((one) => one !== undefined));
    return tree?.remembered && others.length === 0 ? tree.remembered(question(op), ask) : ask();
  }

  /** All that the key is made of but the root and what the files hold. */
  function unreadDigest(): Digest {
    return keyDigest({ ...definition(op), type: 'unread copy', question: question(op) });
  }

  /** Of files of one context: what a cold build packs is then read once, and hashed where it is packed. */
  function unread(inputs: Inputs): Unread | undefined {
    const sources = inputs.slice(1);
    const trees = new Set(sources.map((input) => (input?.kind === 'tree' ? input.tree : undefined)));
    const [tree] = trees;
    if (!tree || trees.size > 1 || op.sources.some((source) => unpacks(op, source))) return undefined;
    const opened = openQuestion(tree, question(op));
    if (!opened) return undefined;
    const digest = unreadDigest();
    return {
      digest,
      lock: `${digest} ${tree.hostPath('/')}`,
      run: (signal) =>
        noticingChange(inputs, () =>
          onBase(inputs, signal, (base) => runUnread(opened, { inputs, base }, signal)),
        ),
    };
  }

  /** The key is made of the very bytes that were packed. */
  async function runUnread(
    opened: OpenQuestion,
    { inputs, base }: { inputs: Inputs; base: Tree | undefined },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const seen = seenTrees(inputs);
    const trees = (await sourceTrees(inputs, signal)).map((tree) => seen.get(tree) ?? tree);
    function* look(): Steps<Iterable<LayerEntry>> {
      const list = copyInputs(inputs, trees);
      yield* lookAtSources(op, list);
      return plan(list, base);
    }
    const entries = await runInTurns(opened.look(look()), signal);
    const digests = new Map<string, Digest>();
    const outcome = await environment.commit(entries, signal, {
      onContent: (source, digest) => digests.set(source, digest),
    });
    const packed = trees.map((tree) => tree && withDigests(tree, digests));
    let content: KeyTree | undefined;
    function* ask(): Steps<Digest> {
      content = yield* copyContentKey(op, copyInputs(inputs, packed));
      return keyDigest(content);
    }
    const digest = await runInTurns(opened.answer(digests, ask), signal);
    read = { sources: inputs.slice(1), digest, content: () => content!, seen: new Map() };
    await traced('copy', 'check that nothing changed', () => checkUnchanged(inputs, signal));
    return outcome;
  }

  /** A context is read in place: what was packed must be what the key says, or the cache would lie. */
  async function checkUnchanged(inputs: Inputs, signal: AbortSignal): Promise<void> {
    if (read === undefined || !inputs.some((input) => input?.kind === 'tree')) return;
    const trees = await sourceTrees(inputs, signal);
    function* ask(): Steps<Digest> {
      return keyDigest(yield* copyContentKey(op, copyInputs(inputs, trees)));
    }
    const now = await runInTurns(remembered(trees, ask), signal);
    if (now !== read.digest) throw changedMeanwhile();
  }

  async function run(inputs: Inputs, signal: AbortSignal): Promise<Outcome> {
    const held: AsyncDisposable[] = [];
    try {
      return await onBase(inputs, signal, (base) => runWith(held, { inputs, base }, signal));
    } finally {
      for (const one of held) await one[Symbol.asyncDispose]();
    }
  }

  async function runWith(
    held: AsyncDisposable[],
    { inputs, base }: { inputs: Inputs; base: Tree | undefined },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const list: CopyInput[] = [];
    const trees = (await sourceTrees(inputs, signal)).map((tree) => read?.seen.get(tree) ?? tree);
    for (const [index, input] of copyInputs(inputs, trees).entries()) {
      if (input.type !== 'path' || !unpacks(op, op.sources[index]!)) list.push(input);
      else list.push(...(await unpacked(input, held, signal)));
    }
    const entries = plan(list, base);
    // All of it is in the entries.
    read?.seen.clear();
    const setsTimes = op.sources.some((source) => unpacks(op, source));
    const outcome = await environment.commit(entries, signal, { setsTimes });
    await traced('copy', 'check that nothing changed', () => checkUnchanged(inputs, signal));
    return outcome;
  }

  async function onBase<T>(
    [base]: Inputs,
    signal: AbortSignal,
    work: (base: Tree | undefined) => Promise<T>,
  ): Promise<T> {
    if (op.link || !base) return work(undefined);
    return lookAt(base, { snapshotter: environment.snapshotter, signal }, work);
  }

  const plan = (list: readonly CopyInput[], base: Tree | undefined): Iterable<LayerEntry> =>
    planCopy(op, list, { base, now: BigInt(environment.now()) * 1_000_000n });

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
    unread,
    run: (inputs, signal) => noticingChange(inputs, () => run(inputs, signal)),
    below,
    async load(record, inputs) {
      return withLayer(inputs[0], { diffID: record!.diffID, size: record!.size, blobs: [] }, record!.content);
    },
  };
}
