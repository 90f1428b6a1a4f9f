// Keeps the secrets of a build out of what it commits and shows: refuses layers and documents that hold one, and masks texts.
import type { BuildRequest } from '../build-request.ts';
import type { CallOptions } from '../engine.ts';
import { RunError, SlipwayError } from '../errors.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { DiffID } from '../oci/digest.ts';
import type { RegistrySettings } from '../registry-settings.ts';
import type { LayerEntry } from '../seams.ts';
import { formsVersion, refusedForms, type SecretForm, type SecretValue } from '../secrets/secret-forms.ts';
import { createSecretSearch, type SecretSearch, type StreamMask } from '../secrets/secret-search.ts';
import type { OnEvent } from '../solver/events.ts';
import { readSearchKey, searchMark } from '../store/search-key.ts';
import { entryWith } from './entry-with-secret.ts';
import { loginValue, secretValues } from './secret-values.ts';

/** Where in a layer a secret is. */
export interface FoundInLayer {
  form: SecretForm;
  /** `the name "/a"`; '' where that is not known. */
  entry: string;
}

export interface LayerSearch {
  /** The same; what a find is in is told by them. */
  entries(entries: Iterable<LayerEntry>): Iterable<LayerEntry>;
  /** The same. @throws ERR_SECRET from it */
  chunks(tar: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
  /** The first find, where finds only warn: once all chunks have come. */
  found(): FoundInLayer | undefined;
}

/** What is searched, as `--secret-check` has it. */
export interface SecretCheck {
  mode: NonNullable<BuildRequest['secretCheck']>;
  /** Undefined where nothing is searched. */
  layer(what: string, vertex?: Vertex): LayerSearch | undefined;
  /** @param what begins the sentence: `the config`. @throws ERR_SECRET */
  check(bytes: Uint8Array, what: string | (() => string), vertex?: Vertex): void;
  /** Refuses, or warns of, what somebody has found. @param what the layer in words @throws ERR_SECRET */
  refuse(found: FoundInLayer, what: string, vertex?: Vertex): void;
}

/** By itself as strict as the strictest of its requests. */
export interface SecretGuard extends SecretCheck {
  /** As one of its requests has it. */
  of(request: BuildRequest): SecretCheck;
  search: SecretSearch;
  /** What stands for each value that is searched for, in this state folder. */
  marks(root: string): Promise<readonly string[]>;
  /** Layers that were packed or searched by now. */
  layers: Map<DiffID, Promise<FoundInLayer | undefined>>;
  events(onEvent: OnEvent): OnEvent;
  /** Data with all texts masked. */
  mask<T>(data: T): T;
  /** For what is shown. */
  maskText(text: string): string;
  /** The same error, masked. */
  maskError(error: unknown): unknown;
}

/** Undefined where no request has a secret: nothing is searched then. */
export function createSecretGuard(
  requests: readonly BuildRequest[],
  call: Pick<CallOptions, 'onEvent'>,
  login?: RegistrySettings['login'],
): SecretGuard | undefined {
  const values = [
    ...requests.flatMap(secretValues),
    ...loginValue("the registry's password", login?.password),
  ];
  if (values.length === 0) return undefined;
  const search = createSecretSearch(values);
  const told = new Set<string>();

  function checkOf(mode: SecretCheck['mode']): SecretCheck {
    function tell({ name, encoding }: SecretForm, where: string, vertex: Vertex | undefined): void {
      const message = search.mask(`${where} holds the value of ${name}${encoding && ` (${encoding})`}`);
      const place = vertex?.place;
      if (mode === 'error') throw new SlipwayError('ERR_SECRET', message, { hint, place });
      if (told.has(message)) return;
      told.add(message);
      const warning = { type: 'warning', message, hint: warningHint, place, time: Date.now() } as const;
      guard.events(call.onEvent)(warning);
    }
    const refuse: SecretCheck['refuse'] = ({ form, entry }, what, vertex) =>
      tell(form, entry === '' ? what : `in ${what} ${entry}`, vertex);
    return {
      mode,
      layer: (what, vertex) =>
        mode === 'off' ? undefined : searchLayer(search, (found) => refuse(found, what, vertex)),
      check(bytes, what, vertex) {
        const found = mode === 'off' ? undefined : search.find(bytes);
        if (found) tell(found, typeof what === 'string' ? what : what(), vertex);
      },
      refuse,
    };
  }

  const modes = requests.map(({ secretCheck = 'error' }) => secretCheck);
  const strictest = modes.includes('error') ? 'error' : modes.includes('warn') ? 'warn' : 'off';
  let marks: Promise<readonly string[]> | undefined;
  const guard: SecretGuard = {
    ...checkOf(strictest),
    of: ({ secretCheck = 'error' }) => checkOf(secretCheck),
    search,
    layers: new Map(),
    marks(root) {
      marks ??= readSearchKey(root).then((key) => secretsIn(values).map((value) => searchMark(key, value)));
      return marks;
    },
    events: (onEvent) => maskEvents(onEvent, search),
    mask: search.maskData,
    maskText: search.mask,
    maskError(error) {
      for (let one = error; one instanceof Error; one = one.cause) {
        one.message = search.mask(one.message);
        if (one.stack !== undefined) one.stack = search.mask(one.stack);
        if (one instanceof SlipwayError && one.hint !== undefined) one.hint = search.mask(one.hint);
        if (one instanceof SlipwayError) one.mask = search.mask;
        if (one instanceof RunError) Object.assign(one, { tail: one.tail.map(search.mask) });
      }
      return error;
    },
  };
  return guard;
}

/** Those that are searched for, with all that the search depends on. */
const secretsIn = (values: readonly SecretValue[]): Buffer[] =>
  values
    .filter((one) => refusedForms(one).length > 0)
    .map(({ value, oftenWord = false }) =>
      Buffer.concat([Buffer.from(`${formsVersion} ${oftenWord} `), value]),
    );

function searchLayer(search: SecretSearch, refuse: (found: FoundInLayer) => void): LayerSearch {
  const near = createNear();
  let first: FoundInLayer | undefined;
  return {
    entries: near.follow,
    async *chunks(tar) {
      const stream = search.stream();
      for await (const chunk of tar) {
        const form = stream.next(chunk);
        if (form) {
          const found = { form, entry: entryWith(near.all(), search) };
          first ??= found;
          refuse(found);
        }
        near.next();
        yield chunk;
      }
    },
    found: () => first,
  };
}

const hint =
  'give it to the step by RUN --mount=type=secret and write it nowhere; --secret-check=warn lets it pass where it is no secret';
const warningHint = 'whoever gets the result can read it';

/** Entries whose bytes may be in the chunk that was made last, or in the one before. */
function createNear() {
  let before: LayerEntry[] = [];
  let now: LayerEntry[] = [];
  return {
    *follow(entries: Iterable<LayerEntry>): Generator<LayerEntry> {
      for (const entry of entries) {
        now.push(entry);
        yield entry;
      }
    },
    /** The newest last. */
    all: (): LayerEntry[] => [...before, ...now],
    next(): void {
      before = now;
      // Its content may go on.
      now = now.length > 0 ? now.slice(-1) : before.slice(-1);
    },
  };
}

function maskEvents(
  onEvent: OnEvent,
  { mask, maskStream }: { mask(text: string): string; maskStream(): StreamMask },
): OnEvent {
  const streams = new Map<string, { id: string; stream: 'stdout' | 'stderr'; mask: StreamMask }>();
  return (event) => {
    switch (event.type) {
      case 'log': {
        const { id, stream } = event;
        const key = `${stream} ${id}`;
        const known = streams.get(key) ?? { id, stream, mask: maskStream() };
        streams.set(key, known);
        const data = known.mask.next(event.data);
        if (data.length > 0) onEvent({ ...event, data });
        return;
      }
      case 'started':
        onEvent({ ...event, vertex: { ...event.vertex, name: mask(event.vertex.name) } });
        return;
      case 'progress':
        onEvent({ ...event, item: mask(event.item) });
        return;
      case 'warning':
        onEvent({ ...event, message: mask(event.message), hint: event.hint && mask(event.hint) });
        return;
      case 'done': {
        for (const [key, { id, stream, mask: held }] of streams) {
          if (id !== event.id) continue;
          streams.delete(key);
          const data = held.end();
          if (data.length > 0) onEvent({ type: 'log', id, stream, data, time: event.time });
        }
        onEvent({ ...event, error: event.error && mask(event.error) });
        return;
      }
      default:
        onEvent(event);
    }
  };
}
