// The storage behind a cache service: block blobs as Azure has them, at addresses that are signed for reading or for writing.
import type { IncomingHttpHeaders } from 'node:http';

export interface GhaBlob {
  id: number;
  /** Undefined until it is put, or its list of blocks. */
  content: Buffer | undefined;
  blocks: Map<string, Buffer>;
}

type Kind = 'block' | 'list' | 'put' | 'get';

interface StorageRequest {
  kind: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface StorageAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: Buffer;
}

export interface GhaStorage {
  create(): GhaBlob;
  remove(blob: GhaBlob): void;
  sign(origin: string, blob: GhaBlob, right: 'r' | 'w'): string;
  /** All addresses that were given. */
  expire(): void;
  kindOf(method: string, url: URL): Kind | undefined;
  answer(request: StorageRequest): StorageAnswer;
}

export function ghaStorage(complain: (text: string) => void): GhaStorage {
  const blobs = new Map<number, GhaBlob>();
  let created = 0;
  let epoch = 0;

  function put(blob: GhaBlob, { kind, url, headers, body }: StorageRequest): StorageAnswer {
    if (Number(headers['content-length']) !== body.length) return { status: 411 };
    if (kind === 'block') {
      const id = url.searchParams.get('blockid') ?? '';
      const lengths = new Set([...blob.blocks.keys(), id].map((one) => one.length));
      if (!/^[A-Za-z0-9+/]+=*$/.test(id) || lengths.size > 1 || body.length === 0) {
        complain(`the block ${JSON.stringify(id)} of ${body.length} bytes is not sound`);
        return { status: 400 };
      }
      blob.blocks.set(id, body);
      return { status: 201 };
    }
    if (kind === 'put') {
      if (headers['x-ms-blob-type'] !== 'BlockBlob') {
        complain('a blob is put that has no type');
        return { status: 400 };
      }
      blob.content = body;
      return { status: 201 };
    }
    const ids = [...body.toString('utf8').matchAll(/<Latest>(.*?)<\/Latest>/g)].map(([, id]) => id!);
    if (ids.length === 0 || ids.some((id) => !blob.blocks.has(id))) {
      complain('a list has blocks that were not sent');
      return { status: 400 };
    }
    blob.content = Buffer.concat(ids.map((id) => blob.blocks.get(id)!));
    return { status: 201 };
  }

  function get({ content }: GhaBlob, { headers }: StorageRequest): StorageAnswer {
    if (!content) return { status: 404 };
    if (headers.range === undefined) return { status: 200, body: content };
    const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(headers.range) ?? [];
    if (from === '' || Number(from) >= content.length) return { status: 416 };
    const body = content.subarray(Number(from), Number(to) + 1);
    const range = `bytes ${from}-${Number(from) + body.length - 1}/${content.length}`;
    return { status: 206, headers: { 'content-range': range }, body };
  }

  return {
    create() {
      const blob: GhaBlob = { id: ++created, content: undefined, blocks: new Map() };
      blobs.set(blob.id, blob);
      return blob;
    },
    remove: ({ id }) => void blobs.delete(id),
    sign: (origin, { id }, right) => `${origin}/storage/${id}?sp=${right}&se=${epoch}&sig=secret%2Bsignature`,
    expire: () => void epoch++,
    kindOf(method, url) {
      if (!url.pathname.startsWith('/storage/')) return undefined;
      if (method === 'GET') return 'get';
      if (method !== 'PUT') return undefined;
      const comp = url.searchParams.get('comp');
      return comp === 'block' ? 'block' : comp === 'blocklist' ? 'list' : 'put';
    },
    answer(request) {
      const { url, headers } = request;
      if (headers.authorization !== undefined) {
        complain('a token went to the storage');
        return { status: 400 };
      }
      const { searchParams } = url;
      const right = request.kind === 'get' ? 'r' : 'w';
      if (searchParams.get('sig') !== 'secret+signature' || searchParams.get('sp') !== right)
        return { status: 403 };
      if (searchParams.get('se') !== String(epoch)) return { status: 403 };
      const blob = blobs.get(Number(url.pathname.slice('/storage/'.length)));
      if (!blob) return { status: 404 };
      return right === 'r' ? get(blob, request) : put(blob, request);
    },
  };
}
