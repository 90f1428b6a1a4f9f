// Warnings of a build, kept until its end, where people see them.
import type { BuildEvent } from '../../index.ts';
import { harmlessName } from './harmless.ts';

type Warning = Extract<BuildEvent, { type: 'warning' }>;

const most = 100;

export interface WarningList {
  add(warning: Warning): void;
  /** A block of lines, each ended; empty where there was none. */
  print(): string;
}

/** Collects warnings; the same one twice is one, and past a hundred they are only counted. */
export function createWarningList(): WarningList {
  const texts = new Set<string>();
  let uncounted = 0;
  return {
    add(warning) {
      const place = warning.place
        ? ` (${warning.place.file ?? 'Dockerfile'}:${warning.place.range.start.line})`
        : '';
      const hint = warning.hint ? `   ${harmlessName(warning.hint)}\n` : '';
      const text = ` - ${harmlessName(warning.message + place)}\n${hint}`;
      if (texts.size < most || texts.has(text)) texts.add(text);
      else uncounted++;
    },
    print() {
      const count = texts.size + uncounted;
      if (count === 0) return '';
      const more = uncounted > 0 ? ` - and ${uncounted} more\n` : '';
      return `\n${count} warning${count === 1 ? '' : 's'}:\n${[...texts].join('')}${more}`;
    },
  };
}
