// `slipway layers`: what each layer of an image adds, changes, deletes and wastes, and whether it keeps to its budgets.
import { SlipwayError } from '../../../errors.ts';
import type { Flag } from '../../arguments.ts';
import { overBudget } from '../../exit-code.ts';
import type { Command, Session } from '../../session.ts';
import { humanSize } from './human.ts';
import { imageForms, readCount } from './inspected.ts';
import { groups, machineFlags, openCommand, platformFlag } from './machine-flags.ts';
import { jsonText } from './safe-text.ts';
import { checkCount, readPlatform } from './usage.ts';

const flags = [
  {
    name: 'budget',
    type: 'list',
    value: 'LIMITS',
    group: groups.what,
    help: 'fail where the image is over it: image=200MB,wasted=5%; may be repeated, see below',
  },
  platformFlag,
  {
    name: 'files',
    type: 'boolean',
    group: groups.output,
    help: "each layer's paths: + added, ~ changed, - deleted",
  },
  {
    name: 'depth',
    type: 'text',
    value: 'N',
    group: groups.output,
    help: 'with --files, folders deeper than this are summed up (default 2; 0: none is)',
  },
  {
    name: 'top',
    type: 'text',
    value: 'N',
    group: groups.output,
    help: 'how many of each list: largest files, duplicates, … (default 10)',
  },
  { name: 'json', type: 'boolean', group: groups.output, help: 'the report as JSON' },
  ...machineFlags,
] as const satisfies readonly Flag[];

export const command: Command = {
  name: 'layers',
  usage: 'slipway layers [flags] IMAGE',
  description:
    'Shows what each layer of an image adds, overwrites and deletes, by the instruction that made it, and which bytes nobody can reach ' +
    'any more, since a later layer deleted or overwrote them: who wrote them, and who wasted them. Also caches that were left, files ' +
    'that are there twice, programs that run as another user, and what could be done about it. Nothing is unpacked.',
  flags,
  examples: [
    { does: 'Where the megabytes are', command: 'slipway layers app' },
    { does: 'What each step did to which folder', command: 'slipway layers --files --depth 3 app' },
    {
      does: 'In CI: fail where the image grew too large',
      command: 'slipway layers --budget image=200MB,wasted=5% app',
    },
    { does: 'An archive that another builder wrote', command: 'slipway layers docker-archive:app.tar' },
  ],
  notes: [
    { heading: 'Images', lines: imageForms },
    {
      heading: 'Figures',
      lines: [
        'Sizes are those of the files in the layers: a file under several names counts once. MB is a million bytes, MiB is 2^20.',
        'WASTED: bytes in the image that no name leads to. Its share is of all bytes; efficiency is dive’s score: of each path the ' +
          'smallest size that a layer has it with, against all of them.',
        'Budgets: image=SIZE, layer=SIZE of each layer, wasted=SIZE or =SHARE%, duplicates=SIZE or =SHARE%, files=COUNT, ' +
          'efficiency=SHARE% at least. One that is exceeded ends the command with exit code 4, after the report.',
      ],
    },
  ],
  run: runLayers,
};

async function runLayers(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway layers' });
  checkCount(given.positionals, { least: 1, most: 1, usage: command.usage });
  const { checkBudgets, parseBudgets } = await import('../../../index.ts');
  const budgets = (given.lists.budget ?? []).flatMap(parseBudgets);
  const depth = readCount('--depth', given.texts.depth, 2);
  const request = {
    image: given.positionals[0]!,
    platform: await readPlatform(given.texts.platform),
    top: readCount('--top', given.texts.top, 10),
    files: given.booleans.files ?? false,
    cwd: session.cwd,
  };
  const report = await engine.images.layers(request, { signal: session.signal, onEvent: () => {} });
  report.budgets = checkBudgets(report, budgets, humanSize);
  if (given.booleans.json) session.stdout.write(`${jsonText(report, 2)}\n`);
  else {
    const { layersText } = await import('./layers-text.ts');
    session.stdout.write(layersText(report, depth));
  }
  const exceeded = report.budgets.filter((one) => one.exceeded);
  if (exceeded.length === 0) return;
  session.failure.errorCode = overBudget;
  throw new SlipwayError(
    'ERR_CHECK',
    `the image is over its budget: ${exceeded.map(({ text }) => text).join('; ')}`,
    {
      hint: report.hints[0]
        ? `what would save most (${humanSize(report.hints[0].bytes)}): ${report.hints[0].text}`
        : 'see which layers are large: slipway layers --files',
    },
  );
}
