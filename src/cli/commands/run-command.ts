// What `slipway run` is: its help, and where its work is loaded from.
import type { Command } from '../session.ts';
import { runFlags } from './run-flags.ts';

export const command: Command = {
  name: 'run',
  usage: 'slipway run [flags] IMAGE [COMMAND [ARG…]]',
  description:
    'Runs a command in an image of the local image store, or in one that is pulled: NAME[:TAG], docker-image://NAME or ' +
    'oci-layout://PATH[:TAG]. It runs as RUN steps do, in the foreground, with the streams, the signals and the exit code ' +
    'of this process. What it writes to the image is discarded, and nothing is left of it. Flags are named as in docker ' +
    'run and come before the image; one that asks for what is not supported is an error, never ignored.',
  flags: runFlags,
  passesOn: true,
  examples: [
    { does: 'Run what the image is made for', command: 'slipway run app:1.0' },
    {
      does: 'Another command, with a folder of this machine and a variable',
      command: 'slipway run -v ./data:/data:ro -e LEVEL=debug app:1.0 import /data',
    },
    {
      does: 'A filter for what comes in, without a network',
      command: 'slipway run -i --network none app:1.0 sort < words > sorted',
    },
  ],
  exitCodes: [
    "the command's own, and 128+n where signal n ended it",
    '124  stopped by --timeout',
    "125  a failure of slipway's, whatever it is",
    "126  the command can't be run",
    '127  the command is not there',
  ],
  notes: [
    {
      heading: 'Network',
      lines: ["The command is on this machine's own network, unlike in docker: nothing is published."],
    },
    {
      heading: 'Signals',
      lines: [
        'SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 go to the command; the third that asks to end ends it.',
      ],
    },
  ],
  async run(argv, session) {
    const [{ runRun }, { createEngine }] = await Promise.all([import('./run.ts'), import('../../index.ts')]);
    await runRun(argv, session, createEngine);
  },
};
