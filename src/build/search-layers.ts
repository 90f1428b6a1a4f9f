// Looks for secrets in layers that this build did not pack: they come from its cache, and were made without that search or before
// the secret's value was known.
import { createReadStream } from 'node:fs';
import type { Vertex } from '../graph/vertex.ts';
import { readTar } from '../layer/tar-reader.ts';
import type { Digest } from '../oci/digest.ts';
import type { Layer } from '../seams.ts';
import type { SecretSearch } from '../secrets/secret-search.ts';
import { traced } from '../trace.ts';
import { noteSearched } from './note-searched.ts';
import type { FoundInLayer, SecretCheck } from './secret-guard.ts';
import type { State } from './state.ts';

export interface LayerSearchParts {
  state: State;
  secrets: SecretCheck;
  signal: AbortSignal;
}

const chunkSize = 1 << 20;

/** Nothing where it was searched for every value before. @throws ERR_SECRET */
export async function searchLayer(
  layer: Layer,
  { what, vertex }: { what: string; vertex?: Vertex | undefined },
  { state, secrets, signal }: LayerSearchParts,
): Promise<void> {
  const guard = state.secrets;
  if (!guard || secrets.mode === 'off') return;
  const known = guard.layers.get(layer.diffID);
  const search = known ?? find(layer, { state, guard, signal });
  if (!known) {
    guard.layers.set(layer.diffID, search);
    search.catch(() => guard.layers.delete(layer.diffID));
  }
  const found = await search;
  if (found) secrets.refuse(found, what, vertex);
}

async function find(
  layer: Layer,
  { state, guard, signal }: { state: State; guard: NonNullable<State['secrets']>; signal: AbortSignal },
): Promise<FoundInLayer | undefined> {
  const { diffID } = layer;
  const marks = await guard.marks(state.root);
  const { searched = [] } = await state.layers.forms(diffID);
  if (marks.every((mark) => searched.includes(mark))) return undefined;
  return traced(
    'layer',
    'search for secrets',
    async () => {
      const found = await searchTar(() => tarOf(layer, state, signal), { search: guard.search, signal });
      await noteSearched(diffID, found, state);
      return found;
    },
    { diff_id: diffID },
  );
}

/** A tar that is stored is read without a check of its digest: that is done by who takes it away. */
async function* tarOf(
  layer: Layer,
  { store, openLayer }: State,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const digest = layer.diffID as string as Digest;
  if (await store.info(digest))
    yield* createReadStream(store.path(digest), { highWaterMark: chunkSize, signal });
  else yield* openLayer(layer, signal);
}

/** @param open opens the tar, a second time to tell where what was found is */
async function searchTar(
  open: () => AsyncIterable<Buffer>,
  { search, signal }: { search: SecretSearch; signal: AbortSignal },
): Promise<FoundInLayer | undefined> {
  const stream = search.stream();
  for await (const chunk of open()) {
    const form = stream.next(chunk);
    if (form) return { form, entry: await entryIn(open(), { search, signal }) };
  }
  return undefined;
}

/** The first entry that holds a secret, in words; '' where none does by itself. */
async function entryIn(
  tar: AsyncIterable<Buffer>,
  { search, signal }: { search: SecretSearch; signal: AbortSignal },
): Promise<string> {
  const has = (text: string): boolean => search.find(Buffer.from(text)) !== undefined;
  for await (const entry of readTar(tar, { signal })) {
    const path = JSON.stringify(`/${entry.path.replace(/^[./]+|\/$/g, '')}`);
    if (has(entry.path)) return `the name ${path}`;
    if (has(entry.linkName)) return `the target of the link ${path}`;
    for (const [name, value] of Object.entries(entry.xattrs))
      if (has(name) || search.find(value)) return `an extended attribute of ${path}`;
    const content = search.stream();
    for await (const chunk of entry.body()) if (content.next(chunk)) return path;
  }
  return '';
}
