// What `slipway build` is: its help, and where its work is loaded from.
import { traced } from '../../trace.ts';
import type { Command } from '../session.ts';
import { buildFlags } from './build-flags.ts';

export const command: Command = {
  name: 'build',
  usage: 'slipway build [flags] PATH|-',
  description:
    'Builds the Dockerfile in the folder PATH, or the one (or the tar that holds one) on standard input. Steps whose ' +
    'inputs did not change come from the cache. The image goes to the local image store unless --output says otherwise. ' +
    'Flags are named as in docker buildx build; one that asks for what is not supported is an error, never ignored.',
  flags: buildFlags,
  examples: [
    { does: 'Build the current folder and name the image', command: 'slipway build -t app:1.0 .' },
    {
      does: 'Another Dockerfile, one of its stages, with an argument, into a file for docker load',
      command:
        'slipway build -f docker/app.Dockerfile --target prod --build-arg VERSION=1.2 -o type=docker,dest=app.tar .',
    },
    {
      does: 'A step may read a token, and the files of the result land in a folder',
      command: 'slipway build --secret id=npm-token,env=NPM_TOKEN -o out .',
    },
  ],
  notes: [
    {
      heading: 'Output',
      lines: [
        'Standard output carries results alone: the image ID with --quiet, an archive with dest=-. Progress and errors go to standard error.',
      ],
    },
    {
      heading: 'Environment',
      lines: [
        'SLIPWAY_ROOT (state folder), SLIPWAY_ISOLATION (as --isolation), SLIPWAY_REQUIRE_ISOLATION (as --require), SLIPWAY_SNAPSHOTTER (as --snapshotter), SLIPWAY_LIMITS (of what archives and layers unpack to: layer=64g,entries=1000000; see docs/security.md), SLIPWAY_PROGRESS or BUILDKIT_PROGRESS (mode), BUILDKIT_TTY_LOG_LINES, BUILDKIT_COLORS, NO_COLOR, SOURCE_DATE_EPOCH, EXPERIMENTAL_BUILDKIT_SOURCE_POLICY (a file), DOCKER_CONFIG',
        'BUILDX_NO_DEFAULT_LOAD=1 (without --output nothing is stored), BUILDX_METADATA_PROVENANCE=min|max|disabled and BUILDX_METADATA_WARNINGS=1 (in --metadata-file), ' +
          'BUILDX_GIT_LABELS=1 (labels from the Git work tree), BUILDX_GIT_INFO=0 (none of it in provenance), BUILDX_GIT_CHECK_DIRTY=1',
      ],
    },
  ],
  async run(argv, session) {
    const [{ runBuild }, { createEngine }] = await traced('start', 'load command', () =>
      Promise.all([import('./build.ts'), import('../../index.ts')]),
    );
    await runBuild(argv, session, createEngine);
  },
};
