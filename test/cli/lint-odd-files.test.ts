// Files that `slipway lint` meets and nobody expects: names that are no text, contents that are none, and all formats of them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runLint } from '../../src/cli/commands/lint.ts';
import { reportFormats } from '../../src/lint/report/report.ts';
import { createTestSession } from '../support/cli-session.ts';
import { requireFeature } from '../support/require-feature.ts';
import { sarifMistakes } from '../support/sarif.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('slipway lint: odd files');

const contents: Readonly<Record<string, string | Buffer>> = {
  'empty.Dockerfile': '',
  'blank.Dockerfile': ' \n\t\n\n',
  'comments.Dockerfile': '# a\n# b',
  'returns.Dockerfile': 'FROM a:1\r\nRUN sudo \\\r\n  b\r\n',
  'mark.Dockerfile': '\ufeffFROM a:1\nRUN sudo b\n',
  'open.Dockerfile': 'FROM a:1\nRUN sudo b',
  'latin.Dockerfile': Buffer.from('FROM a:1\nRUN sudo \xff\xfe\n', 'latin1'),
  'nul.Dockerfile': 'FROM a:1\nRUN sudo\0 b\n',
  'signs.Dockerfile': 'FROM \x1b[31mdebian\nRUN sudo "\x07\x9b"\nNOPE \x1b]0;a\x07\n',
  'good.Dockerfile': 'FROM a:1\n',
  'a\x1b[2J\x07.Dockerfile': 'FROM debian\n',
  'b\nc.Dockerfile': 'FROM debian\n',
  '\'d\' & "e" <f>,g:h.Dockerfile': 'FROM debian\n',
};

async function lint(cwd: string, argv: string[], stdin = '') {
  const session = createTestSession({
    cwd,
    env: { SLIPWAY_ROOT: `${cwd}/no-store` },
    stdin: (async function* () {
      yield Buffer.from(stdin);
    })(),
  });
  await runLint(argv, session);
  return { out: session.out.text(), exitCode: session.failure.exitCode ?? 0 };
}

function writeAll(file: (name: string) => string): void {
  for (const [name, text] of Object.entries(contents)) writeFileSync(file(name), text);
}

const acting = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;

test('each is linted, whatever it holds: none of them costs another', async () => {
  await using dir = await tempDir();
  writeAll(dir.file);
  const { out, exitCode } = await lint(dir.path, ['-f', 'json', '.']);
  const found = new Map<string, string[]>();
  for (const { file, code, line } of JSON.parse(out) as { file: string; code: string; line: number }[])
    found.set(file, [...(found.get(file) ?? []), `${line} ${code}`]);
  assert.equal(Object.fromEntries([...found].sort()), {
    '\'d\' & "e" <f>,g:h.Dockerfile': ['1 DL3006'],
    'a\x1b[2J\x07.Dockerfile': ['1 DL3006'],
    'b\nc.Dockerfile': ['1 DL3006'],
    'blank.Dockerfile': ['1 DL1000'],
    'comments.Dockerfile': ['1 DL1000'],
    'empty.Dockerfile': ['1 DL1000'],
    'latin.Dockerfile': ['2 DL3004'],
    'mark.Dockerfile': ['2 DL3004'],
    'nul.Dockerfile': ['2 DL1000'],
    'open.Dockerfile': ['2 DL3004'],
    'returns.Dockerfile': ['2 DL3004'],
    'signs.Dockerfile': ['1 InvalidDefaultArgInFrom', '1 DL3006', '2 DL3004', '3 DL1000'],
  });
  assert.is(exitCode, 1);
});

test('hadolint says nothing of a file without instructions', async () => {
  await using dir = await tempDir();
  writeAll(dir.file);
  for (const name of ['empty', 'blank', 'comments', 'good'])
    assert.equal(await lint(dir.path, ['--compat=hadolint', `${name}.Dockerfile`]), { out: '', exitCode: 0 });
});

for (const format of [...reportFormats, 'buildkit', 'buildkit-json']) {
  test(`${format}: one report of all of them, with nothing in it that a terminal acts upon`, async () => {
    await using dir = await tempDir();
    writeAll(dir.file);
    const { out } = await lint(dir.path, ['-f', format, '.']);
    const parts = format === 'codeclimate' ? out.split('\0').slice(0, -1) : [out];
    for (const part of parts) assert.not.match(part, acting);
    if (['json', 'sonarqube', 'gitlab_codeclimate', 'codeclimate', 'buildkit-json'].includes(format))
      for (const part of parts) JSON.parse(part);
    if (format === 'sarif') assert.equal(sarifMistakes(JSON.parse(out)), []);
    if (['tty', 'gnu', 'github'].includes(format)) assert.is(out.split('\n').length, 16);
  });
}

test('a file or a folder whose name is no UTF-8 is linted like others', async () => {
  await using dir = await tempDir();
  const bytes = (name: string) => Buffer.concat([Buffer.from(`${dir.path}/`), Buffer.from(name, 'latin1')]);
  try {
    mkdirSync(bytes('a\xff'));
    writeFileSync(bytes('a\xff/\xfe.Dockerfile'), 'FROM debian\n');
  } catch {
    if (!requireFeature('file names that are no UTF-8', false)) return;
  }
  writeFileSync(dir.file('Dockerfile'), 'FROM debian\n');
  const { out } = await lint(dir.path, ['-f', 'gnu', '.']);
  assert.match(
    out,
    /^slipway:Dockerfile:1:6: DL3006 .*\nslipway:a\ufffd\/\ufffd\.Dockerfile:1:6: DL3006 .*\n$/,
  );
});

test('standard input is called -, unless it is given a name, among files', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('Dockerfile'), 'FROM debian\n');
  const both = await lint(dir.path, ['-f', 'gnu', '-', 'Dockerfile'], 'FROM debian');
  assert.match(both.out, /^slipway:-:1:6: .*\nslipway:Dockerfile:1:6: .*\n$/);
  const named = await lint(dir.path, ['-f', 'checkstyle', '--file-path-in-report=a/b', '-'], 'FROM debian');
  assert.match(named.out, /<file name='a\/b' >/);
  assert.is((await lint(dir.path, ['-'], '')).exitCode, 1);
});

test.run();
