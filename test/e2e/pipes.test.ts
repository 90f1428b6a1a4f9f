// Readers that go away, streams that are closed, and disks without room behind them: no stack trace, no hang, an exit code that is true.

import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { top } from '../support/cli.ts';
import { type CommandResult, runCommand } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e pipes');

/** `$@` is the program; its exit code is told on standard error, whoever reads its output. */
async function shell(bench: Workbench, script: string): Promise<CommandResult> {
  const program = [process.execPath, join(top, 'dist/cli/main.js')];
  const env = { SLIPWAY_ROOT: bench.root, HOME: bench.path, NODE_EXTRA_CA_CERTS: undefined };
  const result = await runCommand(['sh', '-c', script, 'sh', ...program], { cwd: bench.context, env });
  assert.not.match(result.stderr, /\n\s+at .+:\d+:\d+|a bug in slipway/, script);
  return result;
}

async function filled(): Promise<Workbench> {
  const bench = await workbench({
    Dockerfile: 'FROM base\nCOPY big /big\nRUN echo in the step\n',
    big: '0123456789'.repeat(300_000),
    'many.Dockerfile': `FROM debian\n${'RUN cd /x\n'.repeat(3000)}`,
  });
  await bench.build(['-t', 'app:1']);
  return bench;
}

test('a result that its reader does not take to the end is an error', async () => {
  if (!requireWorkbench()) return;
  await using bench = await filled();
  const { flag } = bench.base;
  for (const command of [
    `build --progress=plain ${flag} -o type=tar,dest=- .`,
    `build --progress=plain ${flag} -o type=oci,dest=- .`,
    'save app:1',
    'export app:1',
  ]) {
    const { stderr } = await shell(
      bench,
      `{ "$@" ${command}; echo "code $?" >&2; } | head -c 100 > /dev/null`,
    );
    assert.match(stderr, /ERROR: the reader of standard output went away\n[\s\S]*code 3\n$/, command);
  }
});

test('who has read enough of a report leaves the exit code as it is', async () => {
  if (!requireWorkbench()) return;
  await using bench = await filled();
  for (const format of ['tty', 'json']) {
    const script = `{ "$@" lint --format ${format} many.Dockerfile; echo "code $?" >&2; } | head -c 100 > /dev/null`;
    assert.match((await shell(bench, script)).stderr, /code 1\n$/, format);
  }
});

test('output that finds no room is an error, little as it may be', async () => {
  if (!requireWorkbench()) return;
  await using bench = await filled();
  const { flag } = bench.base;
  for (const command of [
    `build --progress=plain ${flag} -o type=tar,dest=- .`,
    `build -q ${flag} .`,
    'save app:1',
    'inspect app:1',
    'images',
    'lint many.Dockerfile',
    'version',
    '--help',
  ]) {
    const { code, stderr } = await shell(bench, `"$@" ${command} > /dev/full`);
    assert.is(code, 3, `${command}: ${stderr}`);
    assert.match(stderr, 'ERROR: no space is left for standard output\n', command);
  }
});

test('a build goes on where nobody sees its progress', async () => {
  if (!requireWorkbench()) return;
  await using bench = await filled();
  const { flag } = bench.base;
  for (const [index, streams] of ['2>&-', '2> /dev/full', '<&- >&- 2>&-', ''].entries()) {
    const build = `"$@" build --no-cache --progress=plain ${flag} --iidfile id${index} . ${streams}`;
    const piped = streams === '' ? `{ ${build} 2>&1; echo $? > code; } | head -1; exit "$(cat code)"` : build;
    const { code } = await shell(bench, `${piped}\nexit $?`);
    assert.is(code, 0, streams);
    assert.is((await shell(bench, `"$@" inspect "$(cat id${index})" > /dev/null`)).code, 0, streams);
  }
});

test('what went wrong has its exit code where nobody reads of it', async () => {
  if (!requireWorkbench()) return;
  await using bench = await filled();
  for (const streams of ['2>&-', '2> /dev/full', '<&- >&- 2>&-']) {
    assert.is((await shell(bench, `"$@" nope ${streams}`)).code, 2, streams);
    assert.is(
      (await shell(bench, `"$@" run app:1 sh -c 'echo why >&2; exit 7' ${streams}`)).code,
      7,
      streams,
    );
  }
  assert.is((await shell(bench, '"$@" load <&-')).code, 1);
  assert.is((await shell(bench, '"$@" build - <&-')).code, 1);
});

test.run();
