// What every place of a shared cache must do (seams.ts: CacheRemote).
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import type { CacheRemote, OutgoingBlob } from '../../src/seams.ts';

export interface CacheRemoteSubject {
  /** Another look at the same place; the same one for the same name. */
  open(name: string): CacheRemote | Promise<CacheRemote>;
  close(): Promise<void>;
}

const { signal } = new AbortController();

/** A blob that counts how often it was read. */
export function outgoing(bytes: Buffer, digest = digestOf(bytes)): OutgoingBlob & { opened: number } {
  const blob = {
    descriptor: { mediaType: mediaType.ociLayerGzip, digest, size: bytes.length },
    opened: 0,
    async *open() {
      blob.opened++;
      for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
    },
  };
  return blob;
}

async function contentOf(remote: CacheRemote, bytes: Buffer): Promise<Buffer> {
  const descriptor = outgoing(bytes).descriptor;
  const chunks: Uint8Array[] = [];
  for await (const chunk of remote.open(descriptor, signal)) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/** A document that names the blobs. */
export function manifestOf(config: Buffer, layers: readonly Buffer[]): { bytes: Buffer; mediaType: string } {
  const document = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: { ...outgoing(config).descriptor, mediaType: 'application/vnd.slipway.cacheconfig.v1+json' },
    layers: layers.map((layer) => outgoing(layer).descriptor),
  };
  return { bytes: Buffer.from(JSON.stringify(document)), mediaType: mediaType.ociManifest };
}

/** Has a document lead to the blob: then all who look find it. */
async function keep(remote: CacheRemote, bytes: Buffer): Promise<void> {
  const config = Buffer.from('config');
  await remote.write(outgoing(config), signal);
  const base = (await remote.read(signal))?.digest;
  assert.is(await remote.commit(manifestOf(config, [bytes]), base, signal), true);
}

export function testCacheRemote(name: string, start: () => Promise<CacheRemoteSubject>): void {
  const test = suite(`cache remote: ${name}`);
  let subject: CacheRemoteSubject;
  test.before(async () => {
    subject = await start();
  });
  test.after(() => subject?.close());

  test('a name that nobody has written to has no document', async () => {
    assert.is(await (await subject.open('nothing')).read(signal), undefined);
  });

  test('a blob is sent once, and read as it was', async () => {
    const remote = await subject.open('blobs');
    const bytes = Buffer.from('a blob');
    const blob = outgoing(bytes);
    assert.is(await remote.write(blob, signal), 'uploaded');
    assert.is(await remote.write(blob, signal), 'present');
    assert.is(blob.opened, 1);
    await keep(remote, bytes);
    assert.equal(await contentOf(await subject.open('blobs'), bytes), bytes);
  });

  test('a blob of many megabytes is sent and read', async () => {
    const remote = await subject.open('blobs');
    const bytes = Buffer.alloc((17 << 20) + 7, 'large');
    await remote.write(outgoing(bytes), signal);
    await keep(remote, bytes);
    assert.is(digestOf(await contentOf(remote, bytes)), digestOf(bytes));
  });

  test('what is not what its digest says is not kept', async () => {
    const remote = await subject.open('blobs');
    const said = digestOf('something else');
    const failure = await remote.write(outgoing(Buffer.from('forged bytes'), said), signal).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(isSlipwayError(failure), String(failure));
    const again = outgoing(Buffer.from('something else'));
    assert.is(await remote.write(again, signal), 'uploaded');
  });

  test('a blob that is not there is told apart', async () => {
    const remote = await subject.open('blobs');
    const failure = await contentOf(remote, Buffer.from('never written')).catch((error: unknown) => error);
    assert.is(isSlipwayError(failure) && failure.code, 'ERR_BLOB_NOT_FOUND');
  });

  test('a document stands under its name, for all who look', async () => {
    const remote = await subject.open('document');
    const [config, layer] = [Buffer.from('config 1'), Buffer.from('layer 1')];
    for (const bytes of [config, layer]) await remote.write(outgoing(bytes), signal);
    const manifest = manifestOf(config, [layer]);
    assert.is(await remote.commit(manifest, undefined, signal), true);
    const found = await (await subject.open('document')).read(signal);
    assert.equal(found?.bytes, manifest.bytes);
    assert.is(found?.digest, digestOf(manifest.bytes));
    assert.is(await (await subject.open('another')).read(signal), undefined);
  });

  test('who did not see the last document can not replace it', async () => {
    const remote = await subject.open('race');
    const configs = ['config a', 'config b', 'config c'].map((text) => Buffer.from(text));
    for (const bytes of configs) await remote.write(outgoing(bytes), signal);
    const [first, second, third] = configs.map((config) => manifestOf(config, []));
    const base = digestOf(first!.bytes);
    assert.is(await remote.commit(first!, undefined, signal), true);
    assert.is(await remote.commit(second!, undefined, signal), false);
    assert.is(await remote.commit(second!, base, signal), true);
    assert.is(await remote.commit(third!, base, signal), false);
    assert.equal((await remote.read(signal))?.bytes, second!.bytes);
  });

  test('an abort ends the work with its reason', async () => {
    const remote = await subject.open('blobs');
    const stop = new AbortController();
    const reason = new Error('enough');
    const bytes = Buffer.from('never whole');
    const blob: OutgoingBlob = {
      descriptor: outgoing(bytes).descriptor,
      async *open() {
        yield bytes.subarray(0, 3);
        stop.abort(reason);
        stop.signal.throwIfAborted();
      },
    };
    const failure = await remote.write(blob, stop.signal).catch((error: unknown) => error);
    assert.is(failure, reason);
  });

  test.run();
}
