// What an end-to-end test builds on: a temporary folder with a context, a state folder and the busybox base.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BaseImage, busyboxBase, haveBusybox } from './busybox-base.ts';
import { build, type CliOptions, failingBuild, slipway } from './cli.ts';
import { type OciImage, readOciImage } from './oci-image.ts';
import { openWithPeers, requirePeers } from './peers.ts';
import { requireFeature } from './require-feature.ts';
import type { CommandResult } from './run-command.ts';
import { type TempDir, tempDir } from './temp-dir.ts';

export interface Workbench extends TempDir {
  base: BaseImage;
  /** The state folder, empty at first. */
  root: string;
  /** The context's folder. */
  context: string;
  /** Writes files below the context; folders are made. */
  write(files: Record<string, string>): Promise<void>;
  /** A build of the context that must succeed, with the base at hand. */
  build(flags?: readonly string[], options?: Partial<CliOptions>): Promise<CommandResult>;
  /** A build of the context that must fail with one clear error. */
  fail(flags?: readonly string[], options?: Partial<CliOptions>): Promise<CommandResult>;
  /** Any command line, in the workbench's folder. */
  slipway(args: readonly string[], options?: Partial<CliOptions>): Promise<CommandResult>;
  /** Builds into an OCI tar, has skopeo, umoci and the validator read it, and returns what the last says. */
  image(flags?: readonly string[], options?: Partial<CliOptions>): Promise<BuiltImage>;
}

export interface BuiltImage extends OciImage {
  result: CommandResult;
  tar: string;
  /** As umoci unpacked it. */
  bundle: string;
  /** A file's text; fails where there is none. */
  text(path: string): string;
}

/** Whether the machine has what the workbench needs. */
export function requireWorkbench(): boolean {
  return requireFeature('busybox-static', haveBusybox) && requirePeers();
}

export async function workbench(files: Record<string, string> = {}): Promise<Workbench> {
  const dir = await tempDir();
  const base = await busyboxBase(dir.file('base'));
  const root = dir.file('state');
  const context = dir.file('context');
  let images = 0;
  const bench: Workbench = {
    ...dir,
    base,
    root,
    context,
    async write(contents) {
      for (const [path, text] of Object.entries(contents)) {
        await mkdir(dirname(join(context, path)), { recursive: true });
        await writeFile(join(context, path), text);
      }
    },
    build: (flags = [], options) =>
      build([base.flag, ...flags, context], { root, cwd: dir.path, ...options }),
    fail: (flags = [], options) =>
      failingBuild([base.flag, ...flags, context], { root, cwd: dir.path, ...options }),
    slipway: (args, options) => slipway(args, { root, cwd: dir.path, ...options }),
    async image(flags = [], options) {
      const work = dir.file(`image-${images++}`);
      const tar = `${work}.tar`;
      const result = await bench.build([...flags, `--output=type=oci,dest=${tar}`], options);
      const image = await readOciImage(tar);
      const bundle = await openWithPeers(tar, work);
      return { ...image, result, tar, bundle, text: (path) => textOf(image, path) };
    },
  };
  await mkdir(context, { recursive: true });
  await bench.write(files);
  return bench;
}

function textOf(image: OciImage, path: string): string {
  const file = image.files.get(path);
  if (file === undefined)
    throw new Error(`the image has no ${path}; it has ${[...image.files.keys()].join(' ')}`);
  return file.content.toString();
}
