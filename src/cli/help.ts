// Help, made from the tables of commands and flags.
import type { Flag } from './arguments.ts';
import type { Command } from './session.ts';

/** `flag`: only commands that have it end so. */
const usual: readonly { line: string; flag?: string }[] = [
  { line: '0    done' },
  { line: '1    the Dockerfile, the context, a step or an image is at fault' },
  { line: '2    the command line is wrong' },
  { line: '3    the machine or a registry is at fault: runtime, disk, network' },
  { line: '4    over a --budget', flag: 'budget' },
  { line: '124  stopped by --timeout', flag: 'timeout' },
  { line: '130  interrupted (143: terminated)' },
];

/** Help for one command. @param columns to break lines at. */
export function commandHelp(command: Command, columns: number): string {
  const width = Math.min(Math.max(columns, 60), 110);
  const usable = command.flags.filter((flag) => !flag.unsupported);
  const unsupported = command.flags.filter((flag) => flag.unsupported);
  const groups = [...new Set(usable.map((flag) => flag.group))];
  const sections = [
    [`Usage: ${command.usage}`],
    wrap(command.description, width),
    ...groups.map((group) => [
      `${group}:`,
      ...flagLines(
        usable.filter((flag) => flag.group === group),
        width,
      ),
    ]),
    ...command.notes.map((note) => [
      `${note.heading}:`,
      ...note.lines.flatMap((line) => indent(wrap(line, width - 2))),
    ]),
    ['Examples:', ...command.examples.flatMap((one) => [`  # ${one.does}`, `  ${one.command}`])],
  ];
  if (unsupported.length > 0) {
    const names = unsupported.map((flag) => `--${flag.name}`).join(' ');
    sections.push([
      'Flags of other builders that are refused, each with the way round:',
      ...indent(wrap(names, width - 2)),
    ]);
  }
  sections.push(['Exit codes:', ...exitCodesOf(command).flatMap((line) => exitCodeLines(line, width))]);
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

/** Help for the program. */
export function generalHelp(commands: readonly { name: string; summary: string }[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    'Usage: slipway COMMAND [flags]',
    '',
    'Builds container images from Dockerfiles, without a daemon.',
    '',
    'Commands:',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'Examples:',
    '  # Build the current folder and name the image',
    '  slipway build -t app .',
    '  # Build into a file that other tools can load',
    '  slipway build -o type=oci,dest=app.tar .',
    '  # What a command takes',
    '  slipway build --help',
    '',
    'Exit codes:',
    ...indent(usual.map(({ line }) => line)),
    '',
  ].join('\n');
}

function exitCodesOf({ flags, exitCodes }: Command): readonly string[] {
  const has = (name: string): boolean => flags.some((flag) => flag.name === name && !flag.unsupported);
  return exitCodes ?? usual.flatMap(({ line, flag }) => (flag === undefined || has(flag) ? [line] : []));
}

/** A number, and what it says beside it. */
function exitCodeLines(text: string, width: number): string[] {
  const [, code = '', says = text] = /^(\d+ +)(.*)$/.exec(text) ?? [];
  const [first = '', ...rest] = wrap(says, width - 2 - code.length);
  return [`  ${code}${first}`, ...rest.map((line) => ' '.repeat(2 + code.length) + line)];
}

function flagLines(flags: readonly Flag[], width: number): string[] {
  const column = 30;
  return flags.flatMap((flag) => {
    const short = flag.short ? `-${flag.short}, ` : '    ';
    const head = `  ${short}--${flag.name}${flag.value ? ` ${flag.value}` : ''}`;
    const [first = '', ...rest] = wrap(flag.help, width - column);
    const more = rest.map((line) => ' '.repeat(column) + line);
    return head.length <= column - 2
      ? [head.padEnd(column) + first, ...more]
      : [head, ' '.repeat(column) + first, ...more];
  });
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** Breaks a text at blanks, so that lines keep to `width` where words allow it. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
