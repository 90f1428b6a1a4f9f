// What `slipway doctor` is: its help, and where its work is loaded from.
import type { Flag } from '../arguments.ts';
import type { Command } from '../session.ts';
import { isolations, levels } from './machine-choices.ts';

const group = { what: 'What', output: 'Output', machine: 'This machine' } as const;

export const doctorFlags = [
  {
    name: 'require',
    type: 'text',
    value: 'LEVEL',
    choices: levels,
    group: group.what,
    help: 'exit with 1 where steps would run with less isolation: oci, sandbox, rootless, rootless-single or chroot, strongest first (default: $SLIPWAY_REQUIRE_ISOLATION, else any)',
  },
  {
    name: 'isolation',
    type: 'text',
    value: 'HOW',
    choices: isolations,
    group: group.what,
    help: 'examine what steps would run in with this --isolation (default: $SLIPWAY_ISOLATION, else auto)',
  },
  {
    name: 'store',
    type: 'boolean',
    group: group.what,
    help: 'check the state folder instead: every blob against its digest, every record, name and unpacked layer; what killed builds have left',
  },
  {
    name: 'quick',
    type: 'boolean',
    group: group.what,
    help: 'with --store: sizes alone, no content is read',
  },
  {
    name: 'repair',
    type: 'boolean',
    group: group.what,
    help: 'with --store: remove what is damaged, so that it is made or fetched again, and what killed builds have left',
  },
  { name: 'json', type: 'boolean', group: group.output, help: 'all that was found out, as JSON' },
  {
    name: 'verbose',
    short: 'v',
    type: 'boolean',
    group: group.output,
    help: 'what each kind of isolation protects, and what trials said',
  },
  {
    name: 'root',
    type: 'text',
    value: 'DIR',
    group: group.machine,
    help: 'the state folder: images, layers, cache (default: as for build)',
  },
  {
    name: 'config',
    type: 'text',
    value: 'PATH',
    group: group.machine,
    help: 'the configuration of registries (default: as for build)',
  },
  { name: 'debug', short: 'D', type: 'boolean', group: group.machine, help: 'show stack traces with errors' },
  { name: 'help', short: 'h', type: 'boolean', group: group.machine, help: 'this text' },
] as const satisfies readonly Flag[];

export const command: Command = {
  name: 'doctor',
  usage: 'slipway doctor [flags]',
  description:
    'Examines this machine: which kinds of isolation work and which one steps run in, how layers become files, which limits can be held, and ' +
    'what of this is missing, with the commands that mend it. It finds out by trials, not by looks: a step is run with each. Nothing is changed. With --store it checks what is stored.',
  flags: doctorFlags,
  examples: [
    { does: 'What is there, and what would give more', command: 'slipway doctor' },
    { does: 'In CI, before builds of strangers', command: 'slipway doctor --require=rootless' },
    { does: 'After a crash or a full disk', command: 'slipway doctor --store --repair' },
    { does: 'For a script, or a report of a bug', command: 'slipway doctor --json' },
  ],
  exitCodes: [
    '0    steps can run, or, with --store: nothing is damaged, or all of it was repaired',
    "1    steps can't run, the state folder can't be written to, or --require is not met; with --store: damage is left",
    '2    the command line is wrong',
  ],
  notes: [
    {
      heading: 'Isolation',
      lines: [
        'docs/security.md has a table of what each kind protects. --require on build, bake and run refuses less.',
      ],
    },
  ],
  async run(argv, session) {
    const [{ runDoctor }, { createEngine }] = await Promise.all([
      import('./doctor.ts'),
      import('../../index.ts'),
    ]);
    await runDoctor(argv, session, createEngine);
  },
};
