// A registry source against a scripted registry: no waits, and the exchanges that every pull begins with.

import { connectRegistries, type RegistryOptions } from '../../src/registry/connect.ts';
import { createRegistrySource } from '../../src/registry/registry-source.ts';
import { type Exchange, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import type { SmallImage } from './small-image.ts';

export const linux = { os: 'linux', architecture: 'amd64' };
/** The waits of the latest source, in milliseconds. */
export const slept: number[] = [];

export function sourceFor(options: Partial<RegistryOptions> = {}) {
  slept.length = 0;
  const retry = {
    sleep: async (ms: number) => {
      slept.push(ms);
    },
    random: () => 0,
    now: () => 0,
  };
  return createRegistrySource(connectRegistries({ env: { HOME: '/nonexistent' }, retry, ...options }));
}

/** Runs `work` against the script, all of which must be requested. */
export async function scripted(
  script: (host: string) => Exchange[],
  work: (server: ScriptedServer) => Promise<void>,
): Promise<void> {
  const server = await startScriptedServer(script);
  try {
    await work(server);
    server.finished();
  } finally {
    await server.stop();
  }
}

export function manifestExchange(image: SmallImage, tag = 'latest'): Exchange {
  return {
    request: `GET /v2/app/manifests/${tag}`,
    answerHeaders: {
      'content-type': image.manifest.mediaType,
      'docker-content-digest': image.manifest.digest,
    },
    answer: image.manifest.bytes,
  };
}

export function configExchange(image: SmallImage): Exchange {
  return { request: `GET /v2/app/blobs/${image.config.digest}`, answer: image.config.bytes };
}
