// Finds the values of secrets in what is to be committed, and takes them out of what is to be shown.
import { type ByteSearch, createByteSearch } from './find-bytes.ts';
import { maskedForms, refusedForms, type SecretForm, type SecretValue, shownForms } from './secret-forms.ts';

/** Looks through bytes that come in chunks; what lies across two is found, too. */
export interface StreamSearch {
  /** The first find that ends in this chunk. */
  next(chunk: Uint8Array): SecretForm | undefined;
}

/** Takes values out of bytes that come in chunks. */
export interface StreamMask {
  /** What can be shown by now: the beginning of a value is held back. */
  next(chunk: Buffer): Buffer;
  end(): Buffer;
}

export interface SecretSearch {
  /** Whether there is anything to look for. */
  find(bytes: Uint8Array): SecretForm | undefined;
  stream(): StreamSearch;
  /** For texts that are shown; shorter values go, too. */
  mask(text: string): string;
  maskStream(): StreamMask;
  /** Plain data with all its texts and names masked; the same object where there is nothing to mask. */
  maskData<T>(data: T): T;
}

const stars = Buffer.from('***');

export function createSecretSearch(values: readonly SecretValue[]): SecretSearch {
  const refused = createByteSearch(values.flatMap(refusedForms));
  const forms = values.flatMap(maskedForms);
  const masked = createByteSearch(forms);
  const short = values.flatMap(shownForms);
  const shown = short.length === 0 ? masked : createByteSearch([...forms, ...short]);

  function maskBytes(bytes: Buffer, what: ByteSearch<SecretForm>): Buffer {
    const parts: Buffer[] = [];
    let from = 0;
    for (let found = what.find(bytes); found; found = what.find(bytes, from)) {
      parts.push(bytes.subarray(from, found.at), stars);
      from = found.at + found.what.bytes.length;
    }
    return parts.length === 0 ? bytes : Buffer.concat([...parts, bytes.subarray(from)]);
  }

  function maskText(text: string, what: ByteSearch<SecretForm>): string {
    const bytes = Buffer.from(text);
    const clean = maskBytes(bytes, what);
    return clean === bytes ? text : clean.toString();
  }

  function maskValue(_name: string, value: unknown): unknown {
    if (typeof value === 'string') return maskText(value, masked);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [maskText(name, masked), one]));
  }

  return {
    find: (bytes) => refused.find(bytes)?.what,
    stream: () => streamSearch(refused),
    mask: (text) => maskText(text, shown),
    maskStream() {
      let held: Buffer = Buffer.alloc(0);
      return {
        next(chunk) {
          const all = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
          const open = all.length - shown.begun(all);
          const parts: Buffer[] = [];
          let from = 0;
          for (let found = shown.find(all); found && found.at < open; found = shown.find(all, from)) {
            parts.push(all.subarray(from, found.at), stars);
            from = found.at + found.what.bytes.length;
          }
          if (from < open) parts.push(all.subarray(from, open));
          // The chunk is the sender's.
          held = Buffer.from(all.subarray(Math.max(from, open)));
          return Buffer.concat(parts);
        },
        end() {
          const last = maskBytes(held, shown);
          held = Buffer.alloc(0);
          return last;
        },
      };
    },
    maskData(data) {
      const text = JSON.stringify(data);
      if (text === undefined || masked.find(Buffer.from(text)) === undefined) return data;
      // Numbers are no texts: a size may have the digits of one.
      return JSON.parse(text, maskValue) as typeof data;
    },
  };
}

function streamSearch(search: ByteSearch<SecretForm>): StreamSearch {
  const overlap = Math.max(0, search.longest - 1);
  let before: Uint8Array = new Uint8Array(0);
  return {
    next(chunk) {
      if (overlap === 0) return undefined;
      const across =
        before.length > 0 ? search.find(Buffer.concat([before, chunk.subarray(0, overlap)])) : undefined;
      const found = across ?? search.find(chunk);
      const end = chunk.length >= overlap ? chunk.subarray(-overlap) : Buffer.concat([before, chunk]);
      before = Buffer.from(end.subarray(Math.max(0, end.length - overlap)));
      return found?.what;
    },
  };
}
