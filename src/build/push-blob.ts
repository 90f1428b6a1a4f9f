// One blob on its way to one repository: from the store or straight through, and from a repository that has it by then.
import type { PendingImage } from '../export/image.ts';
import { untilAborted } from '../fs/until-aborted.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { RegistryRepository } from '../registry/remote-repository.ts';
import type { OnEvent } from '../solver/events.ts';
import type { Slots } from '../solver/slots.ts';
import type { PushProgress } from './push-progress.ts';
import type { PushTarget } from './push-targets.ts';
import type { State } from './state.ts';

export interface PushParts {
  state: State;
  onEvent: OnEvent;
  now(): number;
}

export interface Push extends PushParts {
  pending: PendingImage;
  progress: PushProgress;
  /** Aborted by the first failure. */
  stop: AbortController;
  signal: AbortSignal;
}

export interface Destination {
  target: PushTarget;
  remote: RegistryRepository;
  /** Repositories of the registry that have the image by now. */
  filled: readonly string[];
}

/** Where blobs were first pushed to in one call of the engine, by registry and digest: targets of a bake share most of them. */
const firstPushes = new WeakMap<State, Map<string, { name: string; pushed: Promise<void> }>>();

export async function pushBlob(
  push: Push,
  to: Destination,
  work: { blob: Descriptor; slots: Slots },
): Promise<void> {
  const { state, signal } = push;
  const { name } = to.target;
  const pushes = firstPushes.get(state) ?? new Map<string, { name: string; pushed: Promise<void> }>();
  firstPushes.set(state, pushes);
  const key = `${to.target.registry} ${work.blob.digest}`;
  const first = pushes.get(key);
  if (first === undefined) {
    const pushed = sendBlob(push, to, work);
    pushes.set(key, { name, pushed });
    try {
      await pushed;
    } catch (error) {
      pushes.delete(key);
      throw error;
    }
    return;
  }
  // What is on its way into the registry is mounted from there, and not sent twice.
  const isThere = await untilAborted(
    first.pushed.then(
      () => true,
      () => false,
    ),
    signal,
  );
  await sendBlob(push, isThere ? { ...to, filled: [first.name, ...to.filled] } : to, work);
}

async function sendBlob(
  { state, progress, signal }: Push,
  { remote, filled }: Destination,
  { blob, slots }: { blob: Descriptor; slots: Slots },
): Promise<void> {
  using _slot = await slots.take(signal);
  const { store } = state;
  const mountFrom = [...filled, ...state.repositoriesOf(blob.digest)];
  await remote.pushBlob(
    {
      descriptor: blob,
      mountFrom,
      open: (opened) =>
        progress.watch(blob, async function* () {
          if (await store.info(blob.digest)) yield* store.open(blob.digest);
          else yield* state.fetch(blob, opened);
        }),
    },
    signal,
  );
}
