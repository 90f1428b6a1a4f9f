// Finds out whether steps can mount layers where they lie, by a step that runs a program of such a layer.
import { mkdirSync, writeFileSync } from 'node:fs';
import { blankNode } from '../erofs/node.ts';
import { createNodeTable } from '../erofs/node-table.ts';
import { renderImage } from '../erofs/render-image.ts';
import type { MountForm } from '../fs/mount-image.ts';
import { makeTempDir } from '../fs/temp-dir.ts';
import { launcherImage } from '../runtime/launcher/launcher-image.ts';
import { machineOf } from '../runtime/launcher/machines.ts';
import { createSandboxRuntime } from '../runtime/sandbox.ts';
import type { StepSpec } from '../seams.ts';

const blockSize = 512;
/** Of the launcher itself, where nobody has a program for it. */
const exitOfLauncher = 1;

/** @param directory where the layers will be. */
export async function probeStepImages(form: MountForm, directory: string): Promise<boolean> {
  const machine = process.getuid?.() === 0 ? machineOf(process.arch) : undefined;
  if (!machine) return false;
  await using temporary = await makeTempDir(directory, 'probe');
  const at = (name: string): string => `${temporary.path}/${name}`;
  for (const name of ['image', 'lower', 'upper', 'work', 'scratch']) mkdirSync(at(name));
  const program = launcherImage(machine);
  const device = Buffer.alloc(Math.ceil(program.length / blockSize) * blockSize);
  program.copy(device);
  writeFileSync(at('device'), device);
  const nodes = createNodeTable();
  const root = nodes.add({ ...blankNode('dir'), mode: 0o755 });
  const content = { device: 1, offset: 0, size: program.length };
  nodes.put(root, 'program', nodes.add({ ...blankNode('file'), mode: 0o755, content }));
  const index = at('image/index.erofs');
  writeFileSync(index, Buffer.concat([...renderImage(nodes, { root, devices: [device.length] })]));
  const step: StepSpec = {
    root: {
      ...{ type: 'overlay', base: temporary.path, lowers: ['image', 'lower'] },
      ...{ upper: at('upper'), work: at('work'), options: ['index=off'] },
      images: [{ folder: 'image', image: index, devices: [at('device')], form }],
    },
    process: { argv: ['/program'], env: [], cwd: '/', uid: 0, gid: 0, groups: [] },
    ...{
      mounts: [],
      hostname: 'probe',
      network: 'none',
      security: 'sandbox',
      shmSize: undefined,
      ulimits: [],
    },
    scratch: at('scratch'),
  };
  try {
    const { exitCode } = await createSandboxRuntime().run(
      step,
      { onOutput() {} },
      new AbortController().signal,
    );
    return exitCode === exitOfLauncher;
  } catch {
    // Whatever it is that the system refuses: it does not work here.
    return false;
  }
}
