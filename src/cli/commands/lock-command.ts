// What `slipway lock` is: its help, and where its work is loaded from.
import type { Command } from '../session.ts';
import { lockCommandFlags } from './lock.ts';

export const command: Command = {
  name: 'lock',
  usage: 'slipway lock [flags] PATH|URL|-',
  description:
    'Asks what the base images, Git refs and URLs of a build stand for, and writes it to slipway.lock beside the Dockerfile: ' +
    'digests by platform, commits, checksums. What is in the file already holds; --update asks for all anew. Nothing is ' +
    'built. A build with --frozen then reads exactly that.',
  flags: lockCommandFlags,
  examples: [
    {
      does: 'Lock what a build for two platforms reads',
      command: 'slipway lock --platform linux/amd64,linux/arm64 .',
    },
    { does: 'See what has moved since, and take it', command: 'slipway lock --update .' },
    { does: 'Build just what is locked', command: 'slipway build --frozen -t app .' },
  ],
  notes: [
    {
      heading: 'Output',
      lines: [
        'A line for each change: + new, - no longer read, ~ another digest or commit. No line: nothing changed.',
      ],
    },
  ],
  async run(argv, session) {
    const [{ runLock }, { createEngine }] = await Promise.all([
      import('./lock.ts'),
      import('../../index.ts'),
    ]);
    await runLock(argv, session, createEngine);
  },
};
