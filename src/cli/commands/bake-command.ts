// What `slipway bake` is: its help, and where its work is loaded from.
import type { Command } from '../session.ts';
import { bakeFlags } from './bake-flags.ts';

export const command: Command = {
  name: 'bake',
  usage: 'slipway bake [flags] [URL] [TARGET…]',
  description:
    'Builds the targets that bake files (HCL or JSON, as for docker buildx bake) or the build sections of Compose files define, ' +
    'all at once; steps that targets share run once. Without a TARGET it builds the group or target "default". What a target ' +
    'asks for and is not supported is an error at its place, never ignored.',
  flags: bakeFlags,
  examples: [
    { does: 'Build the default group of docker-bake.hcl', command: 'slipway bake' },
    {
      does: 'See what would be built, with a variable set',
      command: 'slipway bake --print --var TAG=1.2 app',
    },
    {
      does: 'Two targets for another platform',
      command: 'slipway bake --set "*.platform=linux/arm64" app worker',
    },
  ],
  notes: [
    {
      heading: 'Files',
      lines: [
        'Without --file, those of these that are in the current folder are merged, in this order: compose.yaml, compose.yml, ' +
          'docker-compose.yml, docker-compose.yaml, docker-bake.json, docker-bake.hcl, docker-bake.override.json, docker-bake.override.hcl.',
        'With the URL of a Git repository they are those of the repository, and so are their contexts; --file cwd://PATH adds one of this machine.',
      ],
    },
    {
      heading: 'Environment',
      lines: [
        'Variables of bake files take the values of environment variables of their names; Compose files read .env, too. BUILDX_BAKE_FILE names files where --file does not. BUILDX_BAKE_GIT_AUTH_TOKEN and BUILDX_BAKE_GIT_AUTH_HEADER log in to the repository of a URL. The rest is as for slipway build.',
      ],
    },
  ],
  async run(argv, session) {
    const [{ runBakeCommand }, { createEngine }] = await Promise.all([
      import('./bake.ts'),
      import('../../index.ts'),
    ]);
    await runBakeCommand(argv, session, createEngine);
  },
};
