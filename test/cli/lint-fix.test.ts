// `slipway lint --fix` and `--diff`: what is written, what is printed, and the exit code.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runLint } from '../../src/cli/commands/lint.ts';
import { unifiedDiff } from '../../src/cli/commands/unified-diff.ts';
import type { SlipwayError } from '../../src/errors.ts';
import { createTestSession } from '../support/cli-session.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('slipway lint --fix');

const bad = '# top\r\nfrom a:1 AS b\r\nUSER 1\r\nENV c d\r\nCOPY --from=x /y /z\r\n';
const good = '# top\r\nFROM a:1 AS b\r\nUSER 1\r\nENV c=d\r\nCOPY --from=x /y /z\r\n';

async function lint(cwd: string, argv: string[], text = bad) {
  const session = createTestSession();
  session.cwd = cwd;
  session.stdin = (async function* () {
    yield Buffer.from(text);
  })();
  await runLint(argv, session);
  return { out: session.out.text(), err: session.err.text(), exitCode: session.failure.exitCode ?? 0 };
}

test('a file is mended where it lies: its mode stays, nothing else is left beside it, what is left is reported', async () => {
  await using dir = await tempDir();
  const folder = dir.path;
  const file = join(folder, 'Dockerfile');
  writeFileSync(file, bad);
  chmodSync(file, 0o640);
  symlinkSync('Dockerfile', join(folder, 'link'));
  const { out, err, exitCode } = await lint(folder, ['--fix', 'link']);
  assert.is(readFileSync(file, 'utf8'), good);
  assert.is(statSync(file).mode & 0o7777, 0o640);
  assert.ok(lstatSync(join(folder, 'link')).isSymbolicLink());
  assert.equal(readdirSync(folder).sort(), ['Dockerfile', 'link']);
  assert.match(out, /^link:5:13 DL3022 warning: [^\n]+\n$/);
  assert.is(err, 'fixed 3 of 4\n');
  assert.is(exitCode, 1);
});

test('a file without findings that matter makes the exit code 0, and is not written', async () => {
  await using dir = await tempDir();
  const folder = dir.path;
  const file = join(folder, 'Dockerfile');
  writeFileSync(file, 'FROM a:1\nENV c d\n');
  assert.is((await lint(folder, ['--fix', 'Dockerfile'])).exitCode, 0);
  const { ino } = statSync(file);
  assert.is((await lint(folder, ['--fix', 'Dockerfile'])).err, 'fixed 0 of 0\n');
  assert.is(statSync(file).ino, ino);
});

test('--fix=all mends what somebody should look at, too; --fix says that there is more', async () => {
  await using dir = await tempDir();
  const folder = dir.path;
  const text = 'FROM a:1\nWORKDIR a\nENV c d\n';
  const safe = await lint(folder, ['--fix', '-'], text);
  assert.is(safe.out, 'FROM a:1\nWORKDIR a\nENV c=d\n');
  assert.match(safe.err, /DL3000.*\nfixed 1 of 2; --fix=all mends 1 more\n$/);
  assert.is((await lint(folder, ['--fix=all', '-'], text)).out, 'FROM a:1\nWORKDIR /a\nENV c=d\n');
  assert.is((await lint(folder, ['--fix=false', '-'], text)).out.includes('FROM'), false);
  try {
    await lint(folder, ['--fix=most', '-']);
    assert.unreachable();
  } catch (error) {
    assert.is((error as SlipwayError).hint, '--fix, --fix=all or --fix=false');
  }
});

test('--diff prints what patch can apply, changes nothing, and fails for what is there', async () => {
  await using dir = await tempDir();
  const folder = dir.path;
  const file = join(folder, 'Dockerfile');
  writeFileSync(file, bad);
  const { out, err, exitCode } = await lint(folder, ['--diff', 'Dockerfile']);
  assert.is(readFileSync(file, 'utf8'), bad);
  assert.match(out, /^--- a\/Dockerfile\n\+\+\+ b\/Dockerfile\n@@ -1,5 \+1,5 @@\n # top\r\n-from a:1/);
  assert.is(err, 'would fix 3 of 4\n');
  assert.is(exitCode, 1);
});

test('a Dockerfile within another file is reported, and left as it is', async () => {
  await using dir = await tempDir();
  const text = 'services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM a:1\n        ENV b c\n';
  writeFileSync(dir.file('compose.yaml'), text);
  const { out, err, exitCode } = await lint(dir.path, ['--fix', 'compose.yaml']);
  assert.match(out, /^compose\.yaml:6:9 LegacyKeyValueFormat /);
  assert.is(err, 'fixed 0 of 1\n');
  assert.is(exitCode, 1);
  assert.is(readFileSync(dir.file('compose.yaml'), 'utf8'), text);
});

test('a file that is no UTF-8 is left alone', async () => {
  await using dir = await tempDir();
  const folder = dir.path;
  const bytes = Buffer.concat([Buffer.from(bad), Buffer.from([0xff, 0x0a])]);
  writeFileSync(join(folder, 'Dockerfile'), bytes);
  try {
    await lint(folder, ['--fix', 'Dockerfile']);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /is not mended/);
  }
  assert.equal(readFileSync(join(folder, 'Dockerfile')), bytes);
});

test('diffs lead from the one text to the other', async () => {
  await using dir = await tempDir();
  const folder = dir.path;
  const texts = [
    '',
    'a\n',
    'a',
    'a\nb\nc\n',
    'b\nc\nd',
    '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
    '1\n2x\n3\n4\n5\n6\n7\n8\n9x\n',
  ];
  execFileSync('git', ['init', '-q'], { cwd: folder });
  for (const before of texts) {
    for (const after of texts.filter((text) => text !== before)) {
      writeFileSync(join(folder, 'f'), before);
      execFileSync('git', ['apply', '--unidiff-zero', '-'], {
        cwd: folder,
        input: unifiedDiff(before, after, 'f'),
      });
      assert.is(readFileSync(join(folder, 'f'), 'utf8'), after);
    }
  }
  assert.is(unifiedDiff('a\n', 'a\n', 'f'), '');
});

test.run();
