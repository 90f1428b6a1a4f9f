// Builds a fixture on the Debian base, which it takes from a real registry, with the machine's own way to its mirrors.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { top } from './cli.ts';
import { debianBase, requireDebianBase } from './debian-base.ts';
import { hasDockerRegistry, startDockerRegistry } from './docker-registry.ts';
import { aptSettings, certificates, npmSettings } from './machine-config.ts';
import { requireFeature } from './require-feature.ts';
import { type CommandResult, mustRun } from './run-command.ts';
import { type BuiltImage, requireWorkbench, type Workbench, workbench } from './workbench.ts';

export interface DebianWorkbench extends AsyncDisposable {
  bench: Workbench;
  /** Builds the fixture into an OCI tar that skopeo, umoci and the validator have read. */
  image(): Promise<BuiltImage>;
  /** Builds it into the store, for what the progress says. */
  build(flags?: readonly string[]): Promise<CommandResult>;
}

/** Whether the machine has what it takes; the caller gives up where not. */
export function requireDebianWorkbench(): boolean {
  return requireWorkbench() && requireDebianBase() && requireFeature('docker-registry', hasDockerRegistry());
}

export async function debianWorkbench(fixture: string): Promise<DebianWorkbench> {
  const debian = await debianBase();
  const bench = await workbench();
  const registry = await startDockerRegistry();
  const name = `${registry.host}/debian:${debian.codename}`;
  await mustRun([
    'skopeo',
    'copy',
    '--dest-tls-verify=false',
    `oci:${debian.layout}:latest`,
    `docker://${name}`,
  ]);
  await writeFile(bench.file('apt.conf'), await aptSettings());
  await writeFile(bench.file('npmrc'), await npmSettings('/run/secrets/ca'));
  const ca = certificates();
  const flags = [
    `--build-arg=BASE=${name}`,
    `--secret=id=apt.conf,src=${bench.file('apt.conf')}`,
    `--secret=id=npmrc,src=${bench.file('npmrc')}`,
    ...(ca === undefined ? [] : [`--secret=id=ca,src=${ca}`]),
  ];
  await mustRun(['cp', '-a', `${join(top, 'fixtures', fixture)}/.`, bench.context]);
  return {
    bench,
    image: () => bench.image(flags),
    build: (more = []) => bench.build([...flags, ...more]),
    async [Symbol.asyncDispose]() {
      await registry.stop();
      await bench[Symbol.asyncDispose]();
    },
  };
}
