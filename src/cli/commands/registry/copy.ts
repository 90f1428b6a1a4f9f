// `slipway copy`: an image from registry to registry, unchanged.
import { localPlatform, parsePlatform } from '../../../index.ts';
import { parseArguments } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { exactly } from './image-words.ts';
import { commonFlags, openEngine, platformFlag, progressFlags, withProgress } from './shared.ts';

const flags = [platformFlag, ...progressFlags, ...commonFlags] as const;

export const command: Command = {
  name: 'copy',
  usage: 'slipway copy [flags] SOURCE DESTINATION',
  description:
    'Copies an image from one registry or repository to another as it is: every platform, the attestations in its index, ' +
    'the same digests. Nothing of it is stored here, and layers within one registry are mounted instead of sent.',
  flags,
  examples: [
    {
      does: 'Promote what was tested',
      command: 'slipway copy registry.example.com/staging/app@sha256:… registry.example.com/prod/app:1.0',
    },
  ],
  notes: [{ heading: 'Output', lines: ['DESTINATION@DIGEST on standard output.'] }],
  run: runCopy,
};

async function runCopy(argv: readonly string[], session: Session): Promise<void> {
  const given = parseArguments(flags, argv, 'slipway copy');
  const what = 'slipway copy takes a source and a destination';
  const [source = '', destination = ''] = exactly(
    given.positionals,
    2,
    what,
    'slipway copy SOURCE DESTINATION',
  );
  const { platform } = given.texts;
  const engine = await openEngine(given, session, destination);
  const copied = await withProgress(given, session, (onEvent) =>
    engine.registries.copy(
      {
        ...{ source, destination },
        ...(platform === undefined ? {} : { platform: parsePlatform(platform, localPlatform(process)) }),
      },
      { signal: session.signal, onEvent },
    ),
  );
  session.stdout.write(`${copied.name.replace(/@.*/, '')}@${copied.descriptor.digest}\n`);
}
