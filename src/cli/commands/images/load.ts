// `slipway load`: images from an archive.
import type { Flag } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { groups, machineFlags, openCommand, platformFlag } from './machine-flags.ts';
import { refuseTerminalInput } from './refuse-terminal.ts';
import { checkCount, readPlatform } from './usage.ts';

const flags = [
  {
    name: 'input',
    short: 'i',
    type: 'text',
    value: 'PATH',
    group: groups.what,
    help: 'an archive, or a folder with an OCI layout (default, and -: standard input)',
  },
  platformFlag,
  { name: 'quiet', short: 'q', type: 'boolean', group: groups.output, help: 'do not say what was loaded' },
  ...machineFlags,
] as const satisfies readonly Flag[];

export const command: Command = {
  name: 'load',
  usage: 'slipway load [flags]',
  description:
    'Takes images from an archive into the local store: what docker save, podman save, skopeo, buildah and slipway save write, ' +
    'plain or compressed with gzip, zstd, xz or bzip2. Every blob is checked; of an archive with anything wrong nothing is kept.',
  flags,
  examples: [
    { does: 'From a file', command: 'slipway load -i app.tar' },
    { does: 'From docker', command: 'docker save app | slipway load' },
  ],
  notes: [],
  run: runLoad,
};

async function runLoad(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway load' });
  checkCount(given.positionals, { least: 0, most: 0, usage: 'slipway load -i PATH, or slipway load < PATH' });
  const path = given.texts.input ?? '-';
  if (path === '-') refuseTerminalInput(session, 'slipway load -i app.tar');
  const loaded = await engine.images.load(
    {
      source: path === '-' ? { stream: session.stdin } : { path },
      platform: await readPlatform(given.texts.platform),
      cwd: session.cwd,
    },
    { signal: session.signal },
  );
  if (given.booleans.quiet) return;
  const { familiarReference, parseReference } = await import('../../../index.ts');
  for (const { name, id } of loaded) {
    const what = name === undefined ? ` ID: ${id}` : `: ${familiarReference(parseReference(name))}`;
    session.stdout.write(`Loaded image${what}\n`);
  }
}
