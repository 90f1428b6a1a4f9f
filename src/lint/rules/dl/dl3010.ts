// DL3010: ADD unpacks an archive in one step, without keeping the archive in a layer.
import { basename } from 'node:path/posix';
import type { LintStep } from '../../lint-file.ts';
import { type Call, operands } from '../../shell/command.ts';
import { isArchive } from './archive-names.ts';
import { at, isOneOf, type LintRule, placeOf, unquote } from './walk.ts';

const unpackers = ['unzip', 'gunzip', 'bunzip2', 'unlzma', 'unxz', 'zgz', 'uncompress', 'zcat', 'gzcat'];

export const dl3010: LintRule = {
  code: 'DL3010',
  name: 'AddForArchives',
  family: 'hadolint',
  description: 'ADD should unpack archives of the context, not COPY and a RUN',
  severity: 'info',
  scope: 'instruction',
  on: ['tar', ...unpackers],
  *check(file) {
    // hadolint forgets all stages but the last.
    const stages = file.compat ? file.stages.slice(-1) : file.stages;
    for (const { steps } of stages) {
      const copied: { step: LintStep; names: string[] }[] = [];
      const told = new Set<LintStep>();
      for (const step of steps) {
        if (isOneOf(step, ['COPY']) && step.instruction.keyword === 'COPY') {
          const { sources, destination, from } = step.instruction;
          if (from !== undefined) continue;
          const target = unquote(destination);
          // An archive that goes to another name is unpacked under that one.
          const paths = isArchive(target) ? [target] : sources;
          const names = paths.map((path) => basename(unquote(path)));
          const archives = names.filter((name) => isArchive(name));
          if (archives.length > 0) copied.push({ step, names: archives });
        }
        const code = copied.length > 0 ? step.script()?.code : undefined;
        for (const command of code?.commands ?? []) {
          if (!unpacks(command, file.compat)) continue;
          const unpacked = operands(command.words).map(({ text }) => basename(text));
          for (const one of copied) {
            const name = one.names.find((candidate) => unpacked.includes(candidate));
            if (name === undefined || told.has(one.step)) continue;
            told.add(one.step);
            const message = `${name} is unpacked by a RUN below: ADD does both, and keeps no copy of the archive`;
            yield at(one.step, message, placeOf(one.step, name));
          }
        }
      }
    }
  },
};

/** hadolint takes every flag with an x in it for the one that extracts. */
function unpacks({ name, words }: Call, compat: boolean): boolean {
  if (unpackers.includes(name)) return true;
  if (name !== 'tar') return false;
  if (compat) return words.some(({ text }) => /^(?:--get$|-.*x)/.test(text));
  if (/^[A-Za-z]*x[A-Za-z]*$/.test(words[0]?.text ?? '')) return true;
  return words.some(({ text }) => /^(?:--extract|--get|-[a-zA-Z]*x[a-zA-Z]*)$/.test(text));
}
