// DL3062: what go installs without a version is another thing next week.
import { operands, type ShellCommand, type ShellWord } from '../../shell/command.ts';
import { tellUnpinned } from './pinned.ts';
import { type LintRule, runsWith } from './walk.ts';

const withValues = /^--?(?:ldflags|gcflags|asmflags|tags|mod|modfile|overlay|o|p|C|exec|toolexec|pgo)$/;

export const dl3062: LintRule = {
  code: 'DL3062',
  name: 'UnpinnedGo',
  family: 'hadolint',
  description: 'go install, go get and go run should name the version of each package',
  severity: 'warning',
  scope: 'instruction',
  on: ['go'],
  *check(file) {
    for (const { step, commands } of runsWith(file, ['go'])) {
      const calls = commands.filter(({ name }) => name === 'go');
      const runs = calls.filter((command) => verbOf(command) === 'run');
      // With a `go run` in it hadolint looks at nothing else of a RUN.
      for (const command of file.compat && runs.length > 0 ? runs : calls) {
        const words = packagesOf(command, file.compat);
        yield* tellUnpinned(file, { step, command }, { words, isPinned, form: 'path@version' });
      }
    }
  },
};

const verbOf = (command: ShellCommand) => operands(command.words)[0]?.text;

function packagesOf(command: ShellCommand, compat: boolean): ShellWord[] {
  const verb = verbOf(command);
  const { words } = command;
  const own = words.filter((_, index) => compat || index === 0 || !withValues.test(words[index - 1]!.text));
  const packages = operands(own).slice(1);
  if (verb === 'run') return packages.slice(0, 1).filter(({ text }) => compat || !text.endsWith('.go'));
  return verb === 'install' || verb === 'get' ? packages : [];
}

function isPinned(text: string): boolean {
  // Words of go itself mean what go.mod pins.
  return (
    /^[./]|^(?:all|cmd|std|tool|work)$/.test(text) || (text.includes('@') && !/@(?:latest|none)$/.test(text))
  );
}
