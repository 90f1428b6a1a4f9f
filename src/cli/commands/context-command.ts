// What `slipway context` is: its help, and where its work is loaded from.
import type { Command } from '../session.ts';
import { contextFlags } from './context-flags.ts';

export const command: Command = {
  name: 'context',
  usage: 'slipway context [flags] [PATH|URL|-]',
  description:
    'Shows what a build context holds as a build sees it: how large it is, which line of the ignore file decided about each path, ' +
    'which step reads it, and what no step reads. Nothing is run. --fix writes an ignore file that leaves the rest out, without a ' +
    'change to what any step reads: all of them still hit.',
  flags: contextFlags,
  examples: [
    { does: 'What the current folder holds', command: 'slipway context' },
    { does: 'What no step reads, the largest first', command: 'slipway context --unused --sort=size' },
    { does: 'Why a file is not there', command: 'slipway context --why dist/app.js' },
    {
      does: 'See an ignore file that leaves out what no step reads; write it',
      command: 'slipway context --diff',
    },
    { does: '', command: 'slipway context --fix' },
    {
      does: 'Fail in CI where the context grows',
      command: 'slipway context --budget context=50MB,unused=10MB',
    },
  ],
  exitCodes: [
    '0    shown',
    '1    the Dockerfile or the context is at fault, as a build would find',
    '2    the command line is wrong',
    '3    this machine is at fault',
    '4    over a --budget',
    '130  interrupted (143: terminated)',
  ],
  notes: [
    {
      heading: 'Stages',
      lines: [
        'Without --target the steps of all stages that can be built count as readers, since an ignore file holds for all of them.',
      ],
    },
  ],
  async run(argv, session) {
    const { runContext } = await import('./context.ts');
    return runContext(argv, session);
  },
};
