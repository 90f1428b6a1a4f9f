// `slipway import`: the files of a tar as an image.
import { SlipwayError } from '../../../errors.ts';
import type { Flag } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { groups, machineFlags, openCommand } from './machine-flags.ts';
import { refuseTerminalInput } from './refuse-terminal.ts';
import { checkCount, readPlatform } from './usage.ts';

const flags = [
  {
    name: 'change',
    short: 'c',
    type: 'list',
    value: 'INSTRUCTION',
    group: groups.what,
    help: 'an instruction of a Dockerfile for its configuration: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR',
  },
  {
    name: 'message',
    short: 'm',
    type: 'text',
    value: 'TEXT',
    group: groups.what,
    help: 'a comment in its history',
  },
  {
    name: 'platform',
    type: 'text',
    value: 'OS/ARCH',
    group: groups.what,
    help: "whom the files are for (default: this machine's)",
  },
  ...machineFlags,
] as const satisfies readonly Flag[];

export const command: Command = {
  name: 'import',
  usage: 'slipway import [flags] FILE|- [NAME[:TAG]]',
  description: 'Makes an image of one layer out of a tar of files, plain or compressed. Prints its ID.',
  flags,
  examples: [
    { does: 'A root file system', command: 'slipway import rootfs.tar.xz debian:mine' },
    {
      does: 'With a command, from a pipe',
      command: 'tar -C root -c . | slipway import -c \'CMD ["/app"]\' -c "ENV A=1" - app',
    },
  ],
  notes: [],
  run: runImport,
};

async function runImport(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway import' });
  checkCount(given.positionals, { least: 1, most: 2, usage: command.usage });
  const [path = '-', name] = given.positionals;
  if (/^https?:\/\//.test(path)) {
    throw new SlipwayError('ERR_UNSUPPORTED', 'import fetches nothing', {
      hint: `curl -fL ${path} | slipway import -`,
    });
  }
  if (path === '-') refuseTerminalInput(session, command.usage);
  const { id } = await engine.images.import(
    {
      source: path === '-' ? { stream: session.stdin } : { path },
      name,
      changes: given.lists.change ?? [],
      message: given.texts.message ?? `Imported from ${path}`,
      platform: await readPlatform(given.texts.platform),
      cwd: session.cwd,
    },
    { signal: session.signal },
  );
  session.stdout.write(`${id}\n`);
}
