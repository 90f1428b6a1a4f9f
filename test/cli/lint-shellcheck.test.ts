// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the program under test is a shell script.
// `slipway lint --shellcheck`: what the program says is told at its place in the Dockerfile, and what is ours once.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runLint } from '../../src/cli/commands/lint.ts';
import { isSlipwayError } from '../../src/errors.ts';
import { createTestSession } from '../support/cli-session.ts';

const test = suite('slipway lint --shellcheck');

const folders: string[] = [];

function temp(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'));
  folders.push(folder);
  return folder;
}

test.after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder with a program that is called shellcheck. */
function programs(script: string): string {
  const folder = temp();
  const path = join(folder, 'shellcheck');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return folder;
}

async function lint(folder: string, text: string, flags: string[] = ['--shellcheck']): Promise<string> {
  const session = createTestSession();
  session.env['PATH'] = `${folder}:/usr/bin:/bin`;
  session.stdin = (async function* () {
    yield Buffer.from(text);
  })();
  await runLint([...flags, '-'], session);
  return session.out.text();
}

const comment = (place: string, code: number) =>
  `{"file":"%s",${place},"level":"info","code":${code},"message":"said"}`;
const place = '"line":3,"column":6,"endLine":3,"endColumn":9';

/** Says the same of every file that it is given, behind `--`. */
const says = (...comments: string[]) =>
  [
    'while [ "$1" != -- ]; do shift; done; shift; sep=',
    `printf '{"comments":['; for file; do printf "$sep"'${comments.join(',')}' ${comments.map(() => '"$file"').join(' ')}; sep=,; done; printf ']}'; exit 1`,
  ].join('\n');

test('a finding stands where it is in the Dockerfile, and codes of rules here are not told twice', async () => {
  const there = place.replace('6', '7');
  const folder = programs(
    says(
      comment(there, 2015),
      comment(there, 2086),
      comment('"line":1,"column":1,"endLine":1,"endColumn":1', 2148),
    ),
  );
  const out = await lint(folder, 'FROM a:1\nRUN a && \\\n bcd e\nONBUILD RUN a && "b"\n');
  assert.is(out, '-:3:2 SC2015 info: said\n-:4:19 SC2015 info: said\n');
});

test('comments, severities and the place of hadolint count', async () => {
  const folder = programs(says(comment(place, 2015), comment(place, 2015)));
  const text = 'FROM a:1\n# hadolint ignore=SC2015\nRUN a && b c\n\nRUN <<EOF\na && b c\nEOF\n';
  assert.is(await lint(folder, text), '-:6:6 SC2015 info: said\n-:6:6 SC2015 info: said\n');
  assert.is(await lint(folder, text, ['--shellcheck', '--compat=hadolint']), '-:5 SC2015 info: said\n');
  assert.is(
    await lint(folder, text, ['--shellcheck', '--error=SC2015']),
    '-:6:6 SC2015 error: said\n'.repeat(2),
  );
  assert.is(await lint(folder, text, ['--shellcheck', '--ignore=SC2015']), '');
});

test('the program reads the shell of the step, the variables that are set, and the code; nothing of it is run', async () => {
  const seen = join(temp(), 'seen');
  const folder = programs(`for file; do :; done; cp "$file" ${seen}; printf '{"comments":[]}'`);
  const text = 'FROM a:1\nSHELL ["/bin/bash", "-c"]\nENV one=1\nARG two\nRUN $(touch /nope) \\\n b; # c\n';
  await lint(folder, text);
  const [first, second, third] = readFileSync(seen, 'utf8').split('\n');
  assert.is(first, '#!/bin/bash');
  assert.match(second!, /^export .*\bhttp_proxy=1 .*one=1 two=1$/);
  assert.is(third, '$(touch /nope)  b; # c');
  assert.not.ok(existsSync('/nope'));
});

test('one process is given many scripts, and equal ones once', async () => {
  const seen = join(temp(), 'seen');
  const folder = programs(`echo $# >> ${seen}; printf '{"comments":[]}'`);
  const runs = Array.from({ length: 150 }, (_, index) => `RUN a "${index}"\nRUN same\n`).join('');
  await lint(folder, `FROM a:1\n${runs}`);
  const counts = readFileSync(seen, 'utf8').trim().split('\n').map(Number);
  assert.is(counts.length, 2);
  assert.is(counts[0]! + counts[1]!, 151 + 2 * 5);
});

test('nothing is run where nobody asks, or where there is no shell code', async () => {
  const folder = programs('echo "never" >&2; exit 9');
  assert.is(await lint(folder, 'FROM a:1\nRUN a\n', []), '');
  assert.is(await lint(folder, 'FROM a:1\nRUN ["a"]\n'), '');
});

test('a program that is missing or fails is an error that says what to do', async () => {
  const failing = async (folder: string, path?: string) => {
    const session = createTestSession();
    session.env['PATH'] = path ?? `${folder}:/usr/bin:/bin`;
    session.stdin = (async function* () {
      yield Buffer.from('FROM a:1\nRUN a\n');
    })();
    const error = await runLint(['--shellcheck', '-'], session).catch((cause: unknown) => cause);
    assert.ok(isSlipwayError(error) && error.hint !== undefined);
    return isSlipwayError(error) ? error.message : '';
  };
  assert.match(await failing('', temp()), 'there is no program shellcheck');
  assert.match(await failing(programs('echo "no such flag" >&2; exit 3')), 'shellcheck: no such flag');
  assert.match(await failing(programs('echo "{"')), 'shellcheck: ');
});

test.run();
