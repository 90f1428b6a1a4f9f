// The examples of docs/context.md are run, in their order, and print what the page says.
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runContext } from '../../src/cli/commands/context.ts';
import { ownContextFlags } from '../../src/cli/commands/context-flags.ts';
import { top } from '../support/cli.ts';
import { createTestSession } from '../support/cli-session.ts';
import { blocksOf } from '../support/run-examples.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('docs/context.md');
const page = 'docs/context.md';

async function folder(): Promise<TempDir> {
  const dir = await tempDir();
  const files = {
    Dockerfile: blocksOf(page, 'dockerfile')[0]!,
    '.dockerignore': blocksOf(page, 'text')[0]!,
    'package.json': 'x'.repeat(300),
    'package-lock.json': 'x'.repeat(9000),
    'src/main.js': 'x'.repeat(2500),
    'src/page.js': 'x'.repeat(1200),
    'test/main.js': 'x'.repeat(800),
    'docs/guide.md': 'x'.repeat(4000),
    'docs/screen.png': 'x'.repeat(250_000),
    'node_modules/left/index.js': 'x'.repeat(40_000),
    'debug.log': 'x'.repeat(700),
    'keep.log': 'x'.repeat(100),
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(dir.file(path)), { recursive: true });
    writeFileSync(dir.file(path), text);
  }
  return dir;
}

/** What it prints, and its exit code. */
async function run(dir: TempDir, command: string): Promise<{ out: string; code: number }> {
  const words = command.split(/\s+/);
  assert.equal(words.splice(0, 2), ['slipway', 'context'], command);
  const session = createTestSession({ cwd: dir.path, env: { SLIPWAY_ROOT: `${dir.path}-state` } });
  try {
    await runContext(words, session);
  } catch (error) {
    assert.match(String(error), /over its budget/);
  }
  return { out: session.out.text(), code: session.failure.errorCode ?? 0 };
}

test('every command prints what the page shows', async () => {
  await using dir = await folder();
  const examples = blocksOf(page, 'console').flatMap((block) => block.split(/^\$ /m).slice(1));
  assert.is(examples.length, 4);
  for (const example of examples) {
    const [command = '', ...lines] = example.split('\n');
    assert.is((await run(dir, command)).out, lines.join('\n'), command);
  }
});

test('the commands for CI run; a budget that is not kept is told by the exit code', async () => {
  await using dir = await folder();
  const commands = blocksOf(page, 'sh').flatMap((block) => block.trim().split('\n'));
  const codes = [];
  for (const command of commands) codes.push((await run(dir, command)).code);
  assert.equal(codes, [0, 4]);
});

test('every flag of its own is on the page', () => {
  const text = readFileSync(join(top, page), 'utf8');
  for (const { name } of ownContextFlags) assert.ok(text.includes(`--${name}`), name);
});

test.run();
