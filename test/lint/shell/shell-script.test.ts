// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// The commands of a RUN, and where they stand in the Dockerfile.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readLintFile } from '../../../src/lint/lint-file.ts';
import { hasFlag, operands, withoutValues } from '../../../src/lint/shell/command.ts';
import type { ShellScript } from '../../../src/lint/shell/shell-script.ts';

const test = suite('lint/shell');

/** The shell code of the last instruction. */
function scriptOf(text: string): ShellScript | undefined {
  const last = readLintFile(text, 'Dockerfile', {}).steps.at(-1)!;
  return (last.trigger ?? last).script();
}

/** `line:column name words` of each command. */
function commandsOf(text: string): string[] {
  return scriptOf(`FROM a\n${text}`)!.commands.map((command) => {
    const { line, column } = command.range().start;
    return [`${line}:${column} ${command.name}`, ...command.words.map((word) => word.text)].join(' ');
  });
}

test('commands are found in pipes, lists, substitutions, conditions, loops and functions', () => {
  assert.equal(commandsOf('RUN a | b && c || d; e & f'), [
    '2:5 a',
    '2:9 b',
    '2:14 c',
    '2:19 d',
    '2:22 e',
    '2:26 f',
  ]);
  assert.equal(commandsOf('RUN echo $(a `b`) "${x:-$(c)}"'), [
    '2:5 echo ${VAR} ${x:-$(c)}',
    '2:12 a ${VAR}',
    '2:15 b',
    '2:27 c',
  ]);
  assert.equal(commandsOf('RUN if a; then b; else c; fi'), ['2:8 a', '2:16 b', '2:24 c']);
  assert.equal(commandsOf('RUN for i in 1 2; do a $i; done; f() { b; }; case x in y) c;; esac'), [
    '2:22 a ${i}',
    '2:40 b',
    '2:59 c',
  ]);
});

test('places lead through continuations, comments between them and tabs', () => {
  const text = 'RUN a && \\\n  # why\n\n\tb \\\n    --flag \\\n  value';
  assert.equal(commandsOf(text), ['2:5 a', '5:2 b --flag value']);
  const [, b] = scriptOf(`FROM a\n${text}`)!.commands;
  assert.equal(
    b!.words.map((word) => b!.rangeOf(word)),
    [
      { start: { line: 6, column: 5 }, end: { line: 6, column: 11 } },
      { start: { line: 7, column: 3 }, end: { line: 7, column: 8 } },
    ],
  );
});

test('a word that goes over lines begins on the first and ends on the last of them', () => {
  const [a] = scriptOf('FROM a\nRUN a "b \\\n  c"')!.commands;
  assert.equal(a!.rangeOf(a!.words[0]!), { start: { line: 2, column: 7 }, end: { line: 3, column: 5 } });
});

test('an escape of another kind is honoured', () => {
  assert.equal(
    scriptOf('# escape=`\nFROM a\nRUN a `\n  b\\c')!.commands.map(
      (command) => command.rangeOf(command.words[0]!).start,
    ),
    [{ line: 4, column: 3 }],
  );
});

test('the body of a heredoc at the start is the script', () => {
  assert.equal(commandsOf('RUN <<EOF\na\n  b c\nEOF'), ['3:1 a', '4:3 b c']);
  assert.equal(commandsOf('RUN --network=none <<-"EOF"\n\ta\n\t\t b $c\n\tEOF'), ['3:2 a', '4:4 b ${c}']);
  assert.equal(commandsOf('RUN <<EOF bash -e\na\nEOF'), ['3:1 a']);
  assert.equal(commandsOf('RUN <<EOF\r\na\r\nEOF\r\n').length, 1);
});

test('another heredoc is what a command reads', () => {
  assert.equal(commandsOf('RUN cat <<EOF > /x && b\nc $(d)\nEOF'), ['2:5 cat', '3:5 d', '2:23 b']);
  assert.equal(commandsOf('RUN python3 <<EOF\nimport a\nEOF'), ['2:5 python3']);
});

test('what runs in no shell has no script', () => {
  assert.is(scriptOf('FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nimport a\nEOF'), undefined);
  assert.equal(commandsOf('RUN <<EOF perl\nsystem(1)\nEOF'), ['2:5 perl']);
  assert.ok(scriptOf('FROM a\nRUN <<EOF\n#!/usr/bin/env bash\na\nEOF'));
  assert.is(scriptOf('FROM a\nCOPY a b'), undefined);
});

test('the exec form is one line, placed at its instruction', () => {
  assert.equal(commandsOf('RUN ["a", "b c"]'), ['2:1 a b c']);
});

test('what ONBUILD runs is seen where it stands', () => {
  assert.equal(commandsOf('ONBUILD RUN a && \\\n b'), ['2:13 a', '3:2 b']);
});

test('code that can not be parsed has no commands, and says where it breaks', () => {
  const script = scriptOf('FROM a\nRUN if a; then');
  assert.is(script?.commands.length, 0);
  assert.ok(script!.errors.length > 0);
});

test('the program behind command, exec and builtin is what runs; assignments and tests are no commands', () => {
  assert.equal(commandsOf('RUN command a b; exec -a c d'), ['2:5 a a b', '2:18 c -a c d']);
  assert.equal(commandsOf('RUN A=1; B=2 a; [ -f b ] && c; $d e'), ['2:10 a', '2:29 c']);
});

test('flags are told from operands, and from their values', () => {
  const [command] = scriptOf('FROM a\nRUN a -xy --long=1 --other v -- -z w -')!.commands;
  assert.ok(hasFlag(command!, 'x') && hasFlag(command!, 'y') && hasFlag(command!, 'long'));
  assert.ok(!hasFlag(command!, 'v'));
  const texts = (greedy: boolean) =>
    operands(withoutValues(command!.words, { names: ['other', 'long'], greedy })).map(({ text }) => text);
  assert.equal(texts(false), ['--', 'w', '-']);
  // hadolint takes the word behind --long=1 for a value, too.
  assert.equal(texts(true), ['--', 'w', '-']);
});

test.run();
