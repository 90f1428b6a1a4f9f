// Buildah, in stores of the benchmark's own.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../test/support/run-command.ts';
import type { Builder, BuildJob, Measured, Outcome } from '../builder.ts';
import { mustMeasure } from '../measure.ts';
import { plainEnvironment } from '../slipway.ts';
import { unmountBelow } from './unmount-below.ts';

const plainHttp = '--tls-verify=false';

const together = (one: Measured, two: Measured): Measured => ({
  ...{ ms: one.ms + two.ms, cpuMs: one.cpuMs + two.cpuMs, daemonRss: 0 },
  rss: Math.max(one.rss, two.rss),
});

function flagsOf(job: BuildJob, isolation: 'oci' | 'chroot'): string[] {
  const run = [`--isolation=${isolation}`, '--layers', '--jobs=4', '--pull=false', plainHttp];
  // A cache is named without a tag: it makes one for each step.
  const place = (ref: string): string => ref.replace(/:[^/:]*$/, '');
  return [
    ...run,
    // What chroot has anyway.
    ...(isolation === 'oci' ? ['--network=host'] : []),
    ...(job.cacheFrom ? [`--cache-from=${place(job.cacheFrom)}`] : []),
    ...(job.cacheTo ? [`--cache-to=${place(job.cacheTo)}`] : []),
    ...['--file', job.dockerfile, '--tag', job.output.type === 'push' ? job.output.ref : job.tag],
  ];
}

export async function buildahBuilder(isolation: 'oci' | 'chroot' = 'oci'): Promise<Builder> {
  const version = /version ([\d.]+)/.exec(await mustRun(['buildah', '--version']))?.[1] ?? '?';
  return {
    name: isolation === 'oci' ? 'buildah' : 'buildah chroot',
    kind: 'buildah',
    version: `buildah ${version}`,
    notes: ['--layers --jobs=4; an OCI tar is a build and a push to oci-archive:'],
    async open(folder) {
      const temporary = join(folder, 'tmp');
      await mkdir(temporary, { recursive: true });
      const at = (name: string): string => join(folder, name);
      const env = plainEnvironment({ TMPDIR: temporary, BUILDAH_FORMAT: 'oci' });
      const store = ['--storage-driver=overlay', '--root', at('root'), '--runroot', at('run')];
      const run = (argv: readonly string[], wholeTree = false) =>
        mustMeasure(['buildah', ...store, ...argv], { env, wholeTree });
      const push = (tag: string, to: string) => run(['push', plainHttp, tag, to]);
      return {
        async build(job): Promise<Outcome> {
          const { output, wholeTree = false } = job;
          const built = await run(['build', ...flagsOf(job, isolation), job.context], wholeTree);
          if (output.type === 'store') return built;
          const [tag, to] =
            output.type === 'tar'
              ? [job.tag, `oci-archive:${output.path}`]
              : [output.ref, `docker://${output.ref}`];
          const pushed = await push(tag, to);
          return { ...together(built, pushed), log: built.log + pushed.log, archive: to };
        },
        async archive(tag, path) {
          await push(tag, `oci-archive:${path}`);
          return `oci-archive:${path}`;
        },
        close: () => unmountBelow(folder),
      };
    },
  };
}
