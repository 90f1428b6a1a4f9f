// Slipway as a builder of the benchmark: the built command line, in a process of its own for each build.
import { readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { mustRun } from '../test/support/run-command.ts';
import type { Builder, BuildJob, Session, Variant } from './builder.ts';
import { mustMeasure } from './measure.ts';

const variants: Record<Variant, readonly string[] | undefined> = {
  oci: ['--isolation=oci'],
  sandbox: ['--isolation=sandbox'],
  erofs: ['--snapshotter=erofs'],
  gzip: [],
  chroot: undefined,
};
const gzipNote = 'compresses layers also for its own store, as it does unless told otherwise';

/** The environment of every timed command: Node would read those certificates at each start. */
export function plainEnvironment(more: Record<string, string> = {}): Record<string, string | undefined> {
  return { ...process.env, NODE_EXTRA_CA_CERTS: undefined, ...more };
}

export interface SlipwayProgram {
  /** `slipway`, or what tells one checkout from another. */
  name: string;
  argv: string[];
}

/** @param path of a checkout, or of a program. @throws where it is not there */
export function slipwayProgram(name: string, path: string): SlipwayProgram {
  const file = statSync(path).isDirectory() ? checkoutMain(path) : resolve(path);
  // As its users start it, where the build made it a program.
  const isProgram = (statSync(file).mode & 0o111) !== 0;
  return { name, argv: isProgram ? [file] : [process.execPath, file] };
}

function checkoutMain(path: string): string {
  const { bin } = JSON.parse(readFileSync(resolve(path, 'package.json'), 'utf8'));
  return resolve(path, bin.slipway);
}

function outputFlags({ output, tag }: BuildJob, variant: Variant | undefined): string[] {
  if (output.type === 'tar') return [`--output=type=oci,dest=${output.path}`];
  if (output.type === 'push') return ['--push', `--tag=${output.ref}`];
  // As the others keep their layers.
  return variant === 'gzip' ? [`--tag=${tag}`] : [`--output=type=image,name=${tag},compression=uncompressed`];
}

/** Undefined: that variant is none of Slipway's. */
export async function slipwayBuilder(
  program: SlipwayProgram,
  variant?: Variant,
): Promise<Builder | undefined> {
  const own = variant === undefined ? [] : variants[variant];
  if (own === undefined) return undefined;
  const env = plainEnvironment();
  const version = (await mustRun([...program.argv, '--version'], { env })).trim();
  return {
    ...{
      name: variant === undefined ? program.name : `${program.name} ${variant}`,
      kind: 'slipway',
      version,
    },
    notes: variant === 'gzip' ? [gzipNote] : own.length === 0 ? [] : [own.join(' ')],
    async open(folder): Promise<Session> {
      await mkdir(folder, { recursive: true });
      const root = ['--root', folder];
      return {
        async build(job) {
          const cache = [
            ...(job.cacheFrom ? [`--cache-from=type=registry,ref=${job.cacheFrom}`] : []),
            ...(job.cacheTo ? [`--cache-to=type=registry,ref=${job.cacheTo},mode=max`] : []),
          ];
          const argv = [
            ...program.argv,
            'build',
            ...root,
            '--progress=plain',
            ...own,
            ...outputFlags(job, variant),
          ];
          const ran = await mustMeasure([...argv, ...cache, '--file', job.dockerfile, job.context], {
            env,
            wholeTree: job.wholeTree ?? false,
          });
          return job.output.type === 'tar' ? { ...ran, archive: `oci-archive:${job.output.path}` } : ran;
        },
        async archive(tag, path) {
          await mustRun([...program.argv, 'save', ...root, '--output', path, tag], { env });
          return `docker-archive:${path}`;
        },
        close: () => Promise.resolve(),
      };
    },
  };
}
