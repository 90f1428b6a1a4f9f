// Wires the ops to the state folder, the contexts and the runtime of one build.
import { createReadStream, readFileSync } from 'node:fs';
import type { BuildRequest } from '../build-request.ts';
import type { EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import { decompress } from '../layer/decompress.ts';
import { packLayerWithDigests } from '../layer/tar-writer.ts';
import { unpackLayer } from '../layer/unpack.ts';
import { chainID } from '../oci/chain-id.ts';
import type { Digest } from '../oci/digest.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { ExecSettings, OpEnvironment } from '../ops/environment.ts';
import { scratchIdentity } from '../ops/result.ts';
import type { LayerEntry } from '../seams.ts';
import { createDirectoryTree } from '../snapshot/plain-tree.ts';
import type { OnEvent } from '../solver/events.ts';
import { createCacheMounts } from './cache-mounts.ts';
import { type BuildDefinition, createSecrets } from './definition.ts';
import { fetchFile } from './fetch-file.ts';
import type { ImageResolver } from './resolve-image.ts';
import type { State } from './state.ts';

export interface EnvironmentParts {
  state: State;
  definition: BuildDefinition;
  images: ImageResolver;
  request: BuildRequest;
  options: EngineOptions;
  onEvent: OnEvent;
  now(): number;
}

function resolvConf(): string {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return '';
  }
}

/** `name:ip` and `name=ip`; the address may stand in brackets. @throws ERR_USAGE */
function extraHost(text: string): { name: string; ip: string } {
  const found = /^([^:=]+)[:=](.+)$/.exec(text);
  const ip = found?.[2]?.replace(/^\[(.*)\]$/, '$1');
  if (!found || !ip) {
    throw new SlipwayError('ERR_USAGE', `invalid --add-host ${JSON.stringify(text)}`, {
      hint: 'write --add-host NAME:ADDRESS',
    });
  }
  return { name: found[1]!, ip: ip === 'host-gateway' ? '127.0.0.1' : ip };
}

function execSettings(request: BuildRequest): ExecSettings {
  return {
    hostname: request.buildArgs['BUILDKIT_SANDBOX_HOSTNAME'] || 'buildkitsandbox',
    extraHosts: request.addHosts.map(extraHost),
    resolvConf: resolvConf(),
    shmSize: request.shmSize,
    ulimits: request.ulimits,
    secret: createSecrets(request),
  };
}

export async function createOpEnvironment(parts: EnvironmentParts): Promise<OpEnvironment> {
  const { state, definition, images, onEvent, now } = parts;

  async function commit(
    entries: Iterable<LayerEntry>,
    signal: AbortSignal,
  ): Promise<{ diffID: never; content: Digest; size: number }> {
    const packed = packLayerWithDigests(entries, { signal });
    await state.store.ingest(packed.chunks, undefined, signal);
    return packed.result() as { diffID: never; content: Digest; size: number };
  }

  return {
    snapshotter: lazySnapshotter(state),
    runtime: state.runtime,
    exec: execSettings(parts.request),
    now,
    commit,
    onOutput: (id, stream, data) => onEvent({ type: 'log', id, stream, data, time: now() }),
    scratch: () => state.tempDir('step-'),
    cacheMount: createCacheMounts(state),
    context: async (op) => definition.tree(op.name),
    http: (op, signal) => fetchFile(op, { state, signal }),
    async image(op, signal) {
      const image = await images.resolve(op, signal);
      const { diff_ids: diffIDs } = image.config.rootfs;
      const layers = diffIDs.map((diffID, index) => ({
        diffID,
        size: undefined,
        blobs: [image.manifest.layers[index]!],
      }));
      const chain = chainID(diffIDs);
      return {
        kind: 'layers',
        identity: chain ? `${chain} ${formatPlatform(op.platform)}` : scratchIdentity,
        layers,
      };
    },
    async unpackArchive(path, signal) {
      if (!(await isArchive(path))) return undefined;
      const folder = await state.tempDir('archive-');
      try {
        await unpackLayer(decompress(createReadStream(path), signal), folder.path, {
          form: 'archive',
          overlayXattr: 'trusted.overlay',
          signal,
        });
      } catch (error) {
        await folder[Symbol.asyncDispose]();
        throw error;
      }
      return {
        tree: createDirectoryTree(folder.path),
        [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
      };
    },
  };
}

/** Whether a file is a tar, compressed or not. */
async function isArchive(path: string | Buffer): Promise<boolean> {
  const signal = new AbortController().signal;
  const head = createReadStream(path, { end: (1 << 20) - 1 });
  try {
    for await (const chunk of decompress(head, signal)) {
      return chunk.length >= 512 && (chunk.toString('latin1', 257, 262) === 'ustar' || oldTar(chunk));
    }
    return false;
  } catch {
    return false;
  }
}

/** A header without magic: the checksum tells. */
function oldTar(block: Buffer): boolean {
  const written = Number.parseInt(block.toString('latin1', 148, 156), 8);
  let sum = 8 * 32;
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += block[at]!;
  return block[0] !== 0 && sum === written;
}

/** The snapshotter is chosen when the first step must run. */
function lazySnapshotter(state: State): OpEnvironment['snapshotter'] {
  return {
    name: 'lazy',
    view: async (layers, signal) => (await state.snapshotter()).view(layers, signal),
    prepare: async (layers, signal) => (await state.snapshotter()).prepare(layers, signal),
  };
}
