// `slipway history`: how an image came to be.
import type { LayerHistory } from '../../../index.ts';
import type { Flag } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { goTime, humanSize, since } from './human.ts';
import { shortID } from './images.ts';
import { groups, machineFlags, openCommand, platformFlag } from './machine-flags.ts';
import { checkCount, readPlatform } from './usage.ts';
import { writeRows } from './write-rows.ts';

const flags = [
  {
    name: 'format',
    type: 'text',
    value: 'TEMPLATE',
    group: groups.output,
    help: 'table, json, "table TEMPLATE" or a Go template: {{.CreatedBy}}',
  },
  {
    name: 'human',
    short: 'H',
    type: 'boolean',
    group: groups.output,
    help: 'sizes and times for people (the default; --human=false: bytes and dates)',
  },
  { name: 'no-trunc', type: 'boolean', group: groups.output, help: 'show everything in full' },
  { name: 'quiet', short: 'q', type: 'boolean', group: groups.output, help: 'show IDs only' },
  platformFlag,
  ...machineFlags,
] as const satisfies readonly Flag[];

const headers = {
  ID: 'IMAGE',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  CreatedBy: 'CREATED BY',
  Size: 'SIZE',
  Comment: 'COMMENT',
};

const longest = 45;

export const command: Command = {
  name: 'history',
  usage: 'slipway history [flags] IMAGE',
  description: 'Shows the steps that made an image, newest first, and what each added to it.',
  flags,
  examples: [
    { does: 'Which step made it large', command: 'slipway history app' },
    {
      does: 'The steps in full',
      command: "slipway history --no-trunc --format '{{.Size}}\\t{{.CreatedBy}}' app",
    },
  ],
  notes: [{ heading: 'Fields', lines: [Object.keys(headers).join(', ')] }],
  run: runHistory,
};

async function runHistory(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway history' });
  checkCount(given.positionals, { least: 1, most: 1, usage: command.usage });
  const platform = await readPlatform(given.texts.platform);
  const { id, entries } = await engine.images.history(given.positionals[0]!, platform);
  const full = given.booleans['no-trunc'] ?? false;
  const human = given.booleans.human ?? true;
  const ids = entries.map((_entry, index) => (index === 0 ? shortID(id, full) : '<missing>'));
  if (given.booleans.quiet) {
    session.stdout.write(ids.map((one) => `${one}\n`).join(''));
    return;
  }
  const rows = entries.map((entry, index) =>
    rowOf(entry, { id: ids[index]!, full, human, now: session.now() }),
  );
  const shown = ['ID', human ? 'CreatedSince' : 'CreatedAt', 'CreatedBy', 'Size', 'Comment'];
  await writeRows(rows, { headers, shown }, { format: given.texts.format, stdout: session.stdout });
}

function rowOf(
  { created, createdBy, comment, size }: LayerHistory,
  { id, full, human, now }: { id: string; full: boolean; human: boolean; now: number },
): Record<keyof typeof headers, string> {
  const time = created === undefined ? undefined : Date.parse(created);
  const by = createdBy.replace(/\s+/g, ' ').trim();
  const letters = [...by];
  return {
    ID: id,
    CreatedSince: since(time, now),
    CreatedAt: human ? goTime(time) : (created ?? 'N/A'),
    CreatedBy: full || letters.length <= longest ? by : `${letters.slice(0, longest - 1).join('')}…`,
    Size: human ? humanSize(size) : String(size),
    Comment: comment,
  };
}
