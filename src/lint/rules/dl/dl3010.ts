// DL3010: ADD unpacks an archive in one step, without keeping the archive in a layer.
import { basename } from 'node:path/posix';
import type { LintStep } from '../../lint-file.ts';
import type { ShellCommand } from '../../shell/command.ts';
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
          const names = [...sources, destination].map((path) => basename(unquote(path)));
          copied.push({ step, names: names.filter((name) => isArchive(name)) });
        }
        for (const command of step.script()?.commands ?? []) {
          if (!unpacks(command)) continue;
          const unpacked = command.words.map(({ text }) => basename(text));
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

function unpacks({ name, words }: ShellCommand): boolean {
  if (unpackers.includes(name)) return true;
  if (name !== 'tar') return false;
  return words.some(({ text }) => /^(?:--extract|--get|-[a-zA-Z]*x[a-zA-Z]*)$/.test(text));
}
