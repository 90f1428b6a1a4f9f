// `slipway bench` as the help knows it.
import type { Command } from '../session.ts';
import { benchFlags } from './bench-flags.ts';

export const command: Command = {
  name: 'bench',
  usage: 'slipway bench [flags] --commits A..B|--edits FILE PATH',
  description:
    'Replays the rebuilds of a project and measures its cache: each commit of a range, or each line of a list of edits, is built in ' +
    'scratch folders, and each step is noted with hit or miss, why, and what it took. The repository and the state folder of the user ' +
    'are only read. With --dry nothing runs: hits and misses are foretold from keys alone, hundreds of commits in seconds.',
  flags: benchFlags,
  examples: [
    {
      does: 'The last 30 commits, as a developer builds them',
      command: 'slipway bench --commits HEAD~30..HEAD --out bench .',
    },
    {
      does: 'The same as CI does it: empty machines, and a cache in a registry',
      command:
        'slipway bench --commits HEAD~30..HEAD --runner cold --cache registry=registry.example.com/app:bench --out bench-ci .',
    },
    {
      does: 'What another Dockerfile would save, without running a step; times come from a former replay',
      command:
        'slipway bench --dry --commits HEAD~300..HEAD --times bench/replay.json --variant new.Dockerfile .',
    },
    { does: 'A few edits', command: 'slipway bench --edits edits.txt --json bench.json .' },
    { does: 'Go on after a stop', command: 'slipway bench --commits HEAD~30..HEAD --out bench --resume .' },
  ],
  exitCodes: [
    '0    all was replayed; builds that fail are part of the result',
    '2    the command line is wrong',
    '3    the machine or a registry is at fault',
    '130  stopped (143: terminated); --resume goes on',
  ],
  notes: [
    {
      heading: 'Edits',
      lines: [
        'One rebuild a line, after a first build: touch PATH, modify PATH, append PATH [TEXT], add PATH [TEXT], delete PATH, rename FROM TO, chmod MODE PATH, nothing.',
        '&& joins edits of one rebuild; words with blanks stand in double quotes, as in JSON; # begins a comment.',
      ],
    },
    {
      heading: 'What --dry takes for granted',
      lines: [
        'A RUN or COPY makes something new whenever its key is new, unless --times or earlier builds in the state folder know what it makes: docs/bench.md.',
      ],
    },
  ],
  async run(argv, session) {
    const { runBench } = await import('./bench.ts');
    await runBench(argv, session);
  },
};
