// What a runtime says when a program can't be started, read and put into one form.

/** A program that is not there (127) or can't be run (126), and the line that says so. */
export interface ExecFailure {
  exitCode: 126 | 127;
  line: string;
}

const wordings: readonly (readonly [RegExp, 126 | 127, string])[] = [
  [/executable file .*not found in \$PATH/, 127, 'executable file not found in $PATH'],
  [/no such file or directory/i, 127, 'no such file or directory'],
  [/exec format error/i, 126, 'exec format error'],
  [/permission denied/i, 126, 'permission denied'],
  [/is a directory/i, 126, 'is a directory'],
];

/** Undefined where `message` is no such failure of `program`. */
export function execFailure(message: string, program: string): ExecFailure | undefined {
  const found = wordings.find(([wording]) => wording.test(message));
  if (found === undefined || !message.includes(program)) return undefined;
  const [, exitCode, text] = found;
  return { exitCode, line: `exec: ${JSON.stringify(program)}: ${text}\n` };
}
