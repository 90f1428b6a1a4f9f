// Commands that are killed on the way, each with what it builds on and what must hold after it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startDockerRegistry } from '../support/docker-registry.ts';
import { mustRun } from '../support/run-command.ts';
import { buildFlags, type CrashBench } from './crash-bench.ts';

export interface KillWork {
  name: string;
  /** The command line that is killed, and repeated to its end after that. */
  args(place: Place): string[];
  /** Whether a state folder that a build has filled is there before. */
  warm: boolean;
  /** Of what came out: equal for equal results. */
  result(place: Place): Promise<string>;
}

export interface Place {
  root: string;
  /** An own folder for outputs. */
  out: string;
}

export interface KillWorks extends AsyncDisposable {
  works: KillWork[];
  /** Fills a place as a work wants it. */
  prepare(work: KillWork, place: Place): Promise<void>;
}

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Names, types and contents below a folder. */
async function treeOf(folder: string): Promise<string> {
  const list =
    'cd "$1" && find . -type f -exec sha256sum {} + | sort; find . ! -type f -printf "%y %p %l\\n" | sort';
  return mustRun(['sh', '-c', list, 'sh', folder]);
}

/** Names and whole contents of an OCI layout's blobs that its index leads to. */
const layoutOf = async (folder: string): Promise<string> => {
  for (const name of readdirSync(join(folder, 'blobs/sha256')))
    if (hashOf(join(folder, 'blobs/sha256', name)) !== name) throw new Error(`the blob ${name} is damaged`);
  return readFileSync(join(folder, 'index.json'), 'utf8');
};

export async function killWorks(bench: CrashBench, scratch: string): Promise<KillWorks> {
  const registry = await startDockerRegistry();
  const build = ['build', ...buildFlags(bench.base)];
  const epoch = 'rewrite-timestamp=true';
  const image = `${registry.host}/app:one`;
  const manifest = async (tag: string): Promise<string> => {
    const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json';
    const url = `http://${registry.host}/v2/${tag}`;
    const response = await fetch(url, { headers: { accept } });
    if (response.status !== 200) throw new Error(`${url}: ${response.status}`);
    return await response.text();
  };
  const idOf = (place: Place): string => readFileSync(join(place.out, 'id'), 'utf8');
  const id = (place: Place): string => `--iidfile=${join(place.out, 'id')}`;
  let pushed = 0;

  const works: KillWork[] = [
    {
      ...{ name: 'build', warm: false },
      args: (place) => [...build, id(place), '-t', 'app:1', `--output=type=image,${epoch}`, bench.context],
      result: async (place) => idOf(place),
    },
    {
      ...{ name: 'build to an OCI tar', warm: false },
      args: ({ out }) => [...build, `--output=type=oci,dest=${out}/image.tar,${epoch}`, bench.context],
      result: async ({ out }) => hashOf(`${out}/image.tar`),
    },
    {
      ...{ name: 'export to an OCI tar', warm: true },
      args: ({ out }) => [
        ...build,
        `--output=type=oci,dest=${out}/image.tar,${epoch},compression=zstd`,
        bench.context,
      ],
      result: async ({ out }) => hashOf(`${out}/image.tar`),
    },
    {
      ...{ name: 'export to an OCI folder', warm: true },
      args: ({ out }) => [...build, `--output=type=oci,dest=${out}/layout,tar=false,${epoch}`, bench.context],
      result: ({ out }) => layoutOf(`${out}/layout`),
    },
    {
      ...{ name: 'export to a Docker tar', warm: true },
      args: ({ out }) => [
        ...build,
        '-t',
        'app:2',
        `--output=type=docker,dest=${out}/docker.tar,${epoch}`,
        bench.context,
      ],
      result: async ({ out }) => hashOf(`${out}/docker.tar`),
    },
    {
      ...{ name: 'export to a folder', warm: true },
      args: ({ out }) => [...build, `--output=type=local,dest=${out}/files`, bench.context],
      result: ({ out }) => treeOf(`${out}/files`),
    },
    {
      ...{ name: 'export of a cache to a folder', warm: true },
      args: (place) => [
        ...build,
        id(place),
        `--output=type=image,${epoch}`,
        `--cache-to=type=local,dest=${place.out}/cache,mode=max`,
        bench.context,
      ],
      result: async (place) => {
        await layoutOf(`${place.out}/cache`);
        return idOf(place);
      },
    },
    {
      ...{ name: 'build and push', warm: false },
      args: (place) => [
        ...build,
        id(place),
        '-t',
        `${registry.host}/pushed${pushed}:one`,
        `--output=type=registry,${epoch}`,
        bench.context,
      ],
      result: async (place) => {
        const found = await manifest(`pushed${pushed++}/manifests/one`);
        return `${idOf(place)} ${found}`;
      },
    },
    {
      ...{ name: 'pull', warm: false },
      args: () => ['pull', image],
      result: async ({ root }) => {
        const tags = readdirSync(join(root, 'images-v1'));
        return tags.length > 0 ? 'pulled' : 'nothing was pulled';
      },
    },
    {
      ...{ name: 'prune', warm: true },
      args: () => ['prune', '--all', '--force'],
      result: async () => 'pruned',
    },
    {
      ...{ name: 'build with a group of its own', warm: false },
      args: (place) => [
        ...build,
        id(place),
        '--resource=memory=256m',
        `--output=type=image,${epoch}`,
        bench.context,
      ],
      result: async (place) => idOf(place),
    },
  ];

  const template = join(scratch, 'warm');
  const filled = await bench.run([...build, '-t', image, `--output=type=image,${epoch}`, bench.context], {
    root: template,
  });
  if (filled.code !== 0) throw new Error(`the build to begin with: ${filled.stderr}`);
  const sent = await bench.run(['push', image], { root: template });
  if (sent.code !== 0) throw new Error(`the push to begin with: ${sent.stderr}`);
  return {
    works,
    async prepare(work, { root, out }) {
      for (const folder of [root, out]) if (existsSync(folder)) rmSync(folder, { recursive: true });
      for (const folder of [out, dirname(root)]) mkdirSync(folder, { recursive: true });
      if (work.warm) await mustRun(['cp', '-a', template, root]);
      else mkdirSync(root, { recursive: true });
    },
    [Symbol.asyncDispose]: () => registry.stop(),
  };
}
