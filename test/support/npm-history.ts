// A made history of a Node project, and a base image whose `npm` is a script that only waits and writes: no network is needed.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { busyboxBase } from './busybox-base.ts';
import { build } from './cli.ts';
import { makeNodeHistory } from './node-history.ts';

export interface NpmHistory {
  /** The repository. */
  repo: string;
  /** The flag that makes the base image `FROM node`. */
  flag: string;
  /** Everything copied first; dependencies first. */
  dockerfiles: [all: string, dependencies: string];
}

const npm = (install: number, build: number): string => `#!/bin/sh
set -e
case $1 in
  ci) sleep ${install}; mkdir -p node_modules; cat package.json package-lock.json | sha256sum > node_modules/.stamp ;;
  run) sleep ${build}; mkdir -p dist; cat src/*.js > dist/app.js ;;
esac
`;

/** @param folder is there, and empty */
export async function makeNpmHistory(
  folder: string,
  { commits, seed, sleep }: { commits: number; seed: number; sleep: { install: number; build: number } },
): Promise<NpmHistory> {
  const [repo, image, layout] = ['repo', 'image', 'node'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await makeNodeHistory(repo, { commits, seed });
  const base = await busyboxBase(join(folder, 'base'));
  await mkdir(image);
  await writeFile(join(image, 'npm'), npm(sleep.install, sleep.build));
  await chmod(join(image, 'npm'), 0o755);
  await writeFile(join(image, 'Dockerfile'), 'FROM base\nCOPY npm /bin/npm\n');
  await build([base.flag, '--output', `type=oci,tar=false,dest=${layout}`, '--tag', 'node:latest', image], {
    root: join(folder, 'root'),
  });
  const write = async (name: string, ...lines: string[]): Promise<string> => {
    const path = join(folder, name);
    await writeFile(
      path,
      `${['FROM node', 'WORKDIR /app', ...lines, 'RUN npm run build', 'CMD ["cat", "dist/app.js"]'].join('\n')}\n`,
    );
    return path;
  };
  return {
    repo,
    flag: `--build-context=node=oci-layout://${layout}:latest`,
    dockerfiles: [
      await write('everything-first.Dockerfile', 'COPY . .', 'RUN npm ci'),
      await write(
        'dependencies-first.Dockerfile',
        'COPY package.json package-lock.json ./',
        'RUN npm ci',
        'COPY . .',
      ),
    ],
  };
}
