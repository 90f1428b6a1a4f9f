// Builds with Debian's buildah, in a store of its own that goes with its folder.
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type BaseImage, haveBusybox } from './busybox-base.ts';
import { requireFeature } from './require-feature.ts';
import { findProgram, mustRun, runCommand } from './run-command.ts';

export interface Buildah extends AsyncDisposable {
  /** Builds a context and returns the OCI layout that it wrote: a folder. */
  build(context: string, layout: string): Promise<string>;
}

/** Whether the machine can build with it: it needs root to run steps without other programs. */
export function requireBuildah(): boolean {
  return (
    requireFeature('busybox-static', haveBusybox) &&
    requireFeature('buildah', findProgram('buildah') !== undefined && process.getuid?.() === 0)
  );
}

/** @param folder is made; the base is known as `base`. */
export async function startBuildah(folder: string, base: BaseImage): Promise<Buildah> {
  const store = (driver: string): string[] => {
    const at = (name: string): string => join(folder, driver, name);
    return ['buildah', '--root', at('root'), '--runroot', at('run'), '--storage-driver', driver];
  };
  await mkdir(folder);
  const env = { BUILDAH_FORMAT: 'oci', TMPDIR: folder };
  const pull = async (driver: string): Promise<string[]> => {
    const program = store(driver);
    // It makes the name out of the path, which may not have upper case: so it is a short one.
    const id = await mustRun([...program, 'pull', '--quiet', `oci:${basename(base.path)}:latest`], {
      env,
      cwd: dirname(base.path),
    });
    await mustRun([...program, 'tag', id.trim(), 'localhost/base:latest'], { env });
    return program;
  };
  // Where the folder lies on an overlay itself, another can't be mounted.
  const program = await pull('overlay').catch(() => pull('vfs'));
  return {
    async build(context, layout) {
      const flags = ['--isolation=chroot', '--pull=never', '--layers=false', '--quiet'];
      await mustRun([...program, 'build', ...flags, '--tag', `oci:${layout}:latest`, context], { env });
      return layout;
    },
    async [Symbol.asyncDispose]() {
      // A build that was killed leaves its store mounted on itself.
      await runCommand(['umount', '--lazy', join(folder, 'overlay/root/overlay')]);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
