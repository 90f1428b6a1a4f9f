// Lists of names: a line each, or JSON.
import type { Flag } from '../../arguments.ts';
import type { Session } from '../../session.ts';
import { flagGroups as groups } from '../flag-groups.ts';

export const listFormatFlag = {
  name: 'format',
  type: 'text',
  value: 'FORMAT',
  choices: ['text', 'json'],
  group: groups.report,
  help: 'text or json (default: text)',
} as const satisfies Flag;

export function writeList(names: readonly string[], format: string | undefined, session: Session): void {
  const text = format === 'json' ? `${JSON.stringify(names)}\n` : names.map((name) => `${name}\n`).join('');
  session.stdout.write(text);
}
