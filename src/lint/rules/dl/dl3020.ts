// DL3020: ADD also fetches and unpacks; for plain files COPY says what is meant.
import { isArchive } from './archive-names.ts';
import { at, type LintRule, placeOf, stepsOf, unquote } from './walk.ts';

const remote = /^https?:\/\//;
const git = /^(?:git@|git:\/\/|ssh:\/\/)/;

export const dl3020: LintRule = {
  code: 'DL3020',
  name: 'CopyForFiles',
  family: 'hadolint',
  description: 'COPY should take plain files and folders, not ADD',
  severity: 'error',
  scope: 'instruction',
  on: ['ADD'],
  *check(file) {
    for (const step of stepsOf(file, ['ADD'])) {
      if (step.instruction.keyword !== 'ADD') continue;
      const { sources, unpack, heredocs, checksum, keepGitDir } = step.instruction;
      if (!file.compat && (unpack === true || heredocs.length > 0)) continue;
      const plain = sources.map(unquote).filter((source) => {
        if (remote.test(source) || isArchive(source, { zstd: !file.compat })) return false;
        // A variable may be anything; a repository is what ADD is for.
        return file.compat || !(git.test(source) || source.includes('$'));
      });
      const [first] = plain;
      if (first === undefined) continue;
      const message = `${first} is neither an archive nor a URL: COPY does all that is needed`;
      const keyword = step.statement.place(0, step.instruction.written.length).range;
      const written = step.instruction.written === 'add' ? 'copy' : 'COPY';
      const edits = [{ range: keyword, text: written }];
      const isCopy = plain.length === sources.length && checksum === undefined && keepGitDir === undefined;
      const fix = isCopy ? { safety: 'safe' as const, title: 'Write COPY', edits } : undefined;
      yield { ...at(step, message, placeOf(step, first)), fix };
    }
  },
};
