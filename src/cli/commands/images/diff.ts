// `slipway diff`: what differs between two images, in files and config.
import type { ImageDiff } from '../../../index.ts';
import type { Flag } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { unifiedDiff } from '../unified-diff.ts';
import { imageForms, readCount } from './inspected.ts';
import { groups, machineFlags, openCommand, platformFlag } from './machine-flags.ts';
import { jsonText } from './safe-text.ts';
import { checkCount, readPlatform } from './usage.ts';

const flags = [
  platformFlag,
  { name: 'times', type: 'boolean', group: groups.what, help: 'modification times count, too' },
  {
    name: 'stat',
    type: 'boolean',
    group: groups.output,
    help: 'sums by folder and by instruction, no files',
  },
  {
    name: 'depth',
    type: 'text',
    value: 'N',
    group: groups.output,
    help: 'of the folders of --stat (default 2)',
  },
  {
    name: 'patch',
    short: 'p',
    type: 'boolean',
    group: groups.output,
    help: 'line by line what changed in texts of up to 64 KiB',
  },
  { name: 'json', type: 'boolean', group: groups.output, help: 'everything as JSON' },
  {
    name: 'exit-code',
    type: 'boolean',
    group: groups.output,
    help: 'end with 1 where the images differ (else the exit code is 0)',
  },
  ...machineFlags,
] as const satisfies readonly Flag[];

export const command: Command = {
  name: 'diff',
  usage: 'slipway diff [flags] IMAGE IMAGE',
  description:
    'Compares the files that containers of two images begin with, and the configs: what was added, removed and changed, and by which ' +
    'instruction. Content, type, size, mode, owner, link target, device and extended attributes count; times only with --times. ' +
    'Nothing is unpacked.',
  flags,
  examples: [
    { does: 'What a new base image brings', command: 'slipway diff app:1 app:2' },
    { does: 'In short', command: 'slipway diff --stat app:1 app:2' },
    { does: 'What the third layer did', command: 'slipway diff app#2 app#3' },
    {
      does: 'Whether a rebuild gives the same files',
      command: 'slipway diff --exit-code app:1 oci-archive:rebuilt.tar',
    },
  ],
  notes: [
    {
      heading: 'Images',
      lines: [...imageForms, 'IMAGE#N: after its first N layers; the configs are not compared then'],
    },
    {
      heading: 'Marks',
      lines: [
        '+ added, - removed, ~ changed, and how: content, size, mode, owner, link, device, xattrs, time, type',
        'Creation times and histories are no difference.',
      ],
    },
  ],
  run: runDiff,
};

async function runDiff(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway diff' });
  checkCount(given.positionals, { least: 2, most: 2, usage: command.usage });
  const [before, after] = given.positionals as [string, string];
  const depth = readCount('--depth', given.texts.depth, 2);
  const request = {
    ...{ before, after, cwd: session.cwd },
    platform: await readPlatform(given.texts.platform),
    times: given.booleans.times ?? false,
    texts: given.booleans.patch ?? false,
  };
  const { diff, texts } = await engine.images.diff(request, { signal: session.signal, onEvent: () => {} });
  addPatches(diff, texts);
  if (given.booleans.json) session.stdout.write(`${jsonText(diff, 2)}\n`);
  else {
    const { diffText } = await import('./diff-text.ts');
    session.stdout.write(diffText(diff, given.booleans.stat ? depth : undefined));
  }
  if (given.booleans['exit-code'] && !diff.equal) session.failure.exitCode = 1;
}

function addPatches(
  { files }: ImageDiff,
  texts: ReadonlyMap<string, { before: string; after: string }>,
): void {
  for (const file of files) {
    const text = texts.get(file.path);
    if (text) file.patch = unifiedDiff(text.before, text.after, file.path);
  }
}
