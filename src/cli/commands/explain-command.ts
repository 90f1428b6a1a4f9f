// `slipway explain` as the help knows it.
import type { Command } from '../session.ts';
import { explainFlags } from './explain.ts';

export const command: Command = {
  name: 'explain',
  usage: 'slipway explain [flags] [STEP|LINE] | --if-changed PATH...',
  description:
    'Says why steps of a build missed the cache: the file that changed and what of it, the variable, the words of the instruction, ' +
    'the base image, or the step below that made something else, with what had changed there. Each build notes what went into its ' +
    'keys in the state folder; nothing is built, and no network is asked. With --if-changed it foretells: which steps would run ' +
    'if files changed, and what they cost when they last ran.',
  flags: explainFlags,
  examples: [
    { does: 'Why the newest build ran what it ran', command: 'slipway explain' },
    { does: 'The step at a line of the Dockerfile', command: 'slipway explain 12' },
    { does: 'A step by its words, or a stage', command: 'slipway explain "npm ci"' },
    { does: 'All steps, for a program', command: 'slipway explain --json' },
    {
      does: 'What a change would cost, before it is made',
      command: 'slipway explain --if-changed package.json "src/**/*.ts"',
    },
    { does: 'The builds that are known', command: 'slipway explain --list' },
  ],
  notes: [],
  async run(argv, session) {
    const { runExplain } = await import('./explain.ts');
    return runExplain(argv, session);
  },
};
