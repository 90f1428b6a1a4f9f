// Finds out whether layers can be mounted where they lie, by doing it: an image over a file, below an overlay in a mount namespace
// of its own.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { blankNode } from '../erofs/node.ts';
import { createNodeTable } from '../erofs/node-table.ts';
import { renderImage } from '../erofs/render-image.ts';
import { createImageMounter, type MountForm } from '../fs/mount-image.ts';
import { makeTempDir } from '../fs/temp-dir.ts';

const script =
  'mount -t overlay overlay -o "lowerdir=$1:lower,upperdir=upper,workdir=work" merged && cat merged/file';

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * What can be mounted: the files themselves, else loop devices over them; undefined where neither can.
 * @param path where `unshare`, `sh`, `mount` and `cat` are looked for.
 */
export async function probeErofs(directory: string, path = usualPath): Promise<MountForm | undefined> {
  for (const form of ['file', 'loop'] as const) if (await probeForm(form, directory, path)) return form;
  return undefined;
}

/** @param path as of `probeErofs`. */
export async function probeForm(form: MountForm, directory: string, path = usualPath): Promise<boolean> {
  const mounter = createImageMounter(form);
  if (!mounter) return false;
  await using temporary = await makeTempDir(directory, 'probe');
  const at = (name: string): string => `${temporary.path}/${name}`;
  try {
    for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(at(name));
    const content = 'shown in place';
    writeFileSync(at('device'), Buffer.from(content.padEnd(512, '\0')));
    const nodes = createNodeTable();
    const root = nodes.add({ ...blankNode('dir'), mode: 0o755 });
    const place = { device: 1, offset: 0, size: content.length };
    nodes.put(root, 'file', nodes.add({ ...blankNode('file'), content: place }));
    writeFileSync(at('image'), Buffer.concat([...renderImage(nodes, { root, devices: [512] })]));
    const mounted = mounter.mount(at('image'), [at('device')]);
    if (readFileSync(`${mounted}/file`, 'utf8') !== content) return false;
    const env = { PATH: path };
    const child = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', mounted], {
      ...{ cwd: temporary.path, env, stdio: ['ignore', 'pipe', 'ignore'] },
    });
    let told = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
    await new Promise((resolve) => {
      child.once('error', resolve);
      child.once('close', resolve);
    });
    return told === content;
  } catch {
    // Whatever it is that the system refuses: it does not work here.
    return false;
  } finally {
    mounter.close();
  }
}
