// Input that is large, goes in circles, has names of any bytes, or wants out: built as it is, or refused with one clear error.
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mustRun } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e bad input');

test('a Dockerfile of 10 MB is built: comments, a heredoc, a long command', async () => {
  if (!requireWorkbench()) return;
  const line = `${'word '.repeat(12)}\n`;
  const body = line.repeat(4_000_000 / line.length);
  const command = ` \\\n  ${'x'.repeat(70)}`.repeat(40_000);
  await using bench = await workbench({
    Dockerfile: `FROM base AS unused\nRUN true${command}\nFROM base\n${'# a comment of some length\n'.repeat(120_000)}COPY <<'END' /body\n${body}END\n`,
  });
  assert.is((await bench.image()).text('/body'), body);
});

test('variables that double themselves, and substitutions without end, are errors at their lines', async () => {
  if (!requireWorkbench()) return;
  const doubled = Array.from({ length: 60 }, (_, index) => `ENV A${index + 1}="$A${index}$A${index}"\n`);
  await using bench = await workbench({ Dockerfile: `FROM scratch\nENV A0=0123456789\n${doubled.join('')}` });
  assert.match(
    (await bench.fail()).stderr,
    /longer than 16 MiB[\s\S]*Dockerfile:2\d[\s\S]*hint: is there a variable/,
  );
  await bench.write({ Dockerfile: `FROM scratch\nENV A=${'${A:-'.repeat(5000)}x${'}'.repeat(5000)}\n` });
  assert.match((await bench.fail()).stderr, /more than 200 deep[\s\S]*Dockerfile:2/);
  // Patterns that match nowhere in a long value take a time in proportion to it.
  await bench.write({
    Dockerfile: `FROM scratch\nENV A=${'a'.repeat(90_000)}\nENV B=\${A/*b*c*d/x} C=\${A//*b/x}\nCOPY f /\n`,
    f: '',
  });
  await bench.build();
});

test('1,000 stages are built, one upon the other and side by side', async () => {
  if (!requireWorkbench()) return;
  const count = 1000;
  const chain = Array.from(
    { length: count },
    (_, index) => `FROM s${index} AS s${index + 1}\nENV LAST=${index}\n`,
  );
  await using bench = await workbench({
    Dockerfile: `FROM scratch AS s0\n${chain.join('')}COPY f /f\n`,
    f: 'end\n',
  });
  const image = await bench.image();
  assert.is(image.text('/f'), 'end\n');
  const aside = Array.from(
    { length: count },
    (_, index) => `FROM scratch AS s${index}\nCOPY f /f${index % 10}\n`,
  );
  const all = Array.from({ length: count }, (_, index) => `COPY --from=s${index} /f${index % 10} /\n`);
  const dockerfile = `${aside.join('')}FROM scratch\n${all.slice(0, 40).join('')}`;
  await bench.write({ Dockerfile: dockerfile });
  assert.is((await bench.image()).text('/f9'), 'end\n');
  const through = Array.from(
    { length: count },
    (_, index) => `FROM scratch AS t${index + 1}\nCOPY --from=t${index} /f /f\n`,
  );
  await bench.write({ Dockerfile: `FROM scratch AS t0\nCOPY f /f\n${through.join('')}` });
  assert.is((await bench.image()).text('/f'), 'end\n');
});

test('what goes in circles is an error that names them', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM scratch AS a\nCOPY --from=a /x /x\n', x: '' });
  assert.match((await bench.fail()).stderr, /Dockerfile:2/);
  await bench.write({
    Dockerfile: 'FROM scratch AS a\nCOPY --from=later /x /x\nFROM scratch AS later\nCOPY x /\nFROM a\n',
  });
  assert.match((await bench.fail()).stderr, /Dockerfile:2/);
  await bench.write({
    'docker-bake.hcl':
      'target "a" { contexts = { b = "target:b" } }\ntarget "b" { contexts = { a = "target:a" } }\ngroup "default" { targets = ["a", "b"] }\n',
  });
  const baked = await bench.slipway(['bake', '--progress=plain'], { cwd: bench.context });
  assert.is(baked.code, 1);
  assert.match(baked.stderr, /ERROR: .*(circle|cycle|itself|loop)/i);
});

/** Names as bytes in latin1: a line end, control characters, no UTF-8, only blanks, a backslash. */
const names = [
  'new\nline',
  'bell\x07\x1b[31mred',
  'caf\xe9',
  'both \xc3\xa9 \xff',
  ' ',
  'back\\slash',
  '-dash',
  '\u0080\u0090',
];
const bytes = (...parts: string[]): Buffer => Buffer.from(parts.join('/'), 'latin1');

function writeNames(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [index, name] of names.entries()) writeFileSync(bytes(folder, name), `${index}\n`);
}

/** The names in a folder of an image's files, as tar has them in the tar that is its output. */
async function namesIn(bench: Workbench, folder: string): Promise<string[]> {
  const tar = join(bench.path, 'files.tar');
  await bench.build([`--output=type=tar,dest=${tar}`]);
  const root = join(bench.path, `files-${folder.length}`);
  mkdirSync(root);
  await mustRun(['tar', '-xf', tar, '-C', root]);
  const found = spawnSync('find', [join(root, folder), '-type', 'f', '-printf', '%f\\0'], {
    encoding: 'latin1',
  });
  return found.stdout.split('\0').filter(Boolean).sort();
}

test('names keep their bytes from the context and from archives, and are harmless in messages', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM scratch\nCOPY in /in\nADD odd.tar /unpacked/\n' });
  writeNames(join(bench.context, 'in'));
  await mustRun(['tar', '-cf', join(bench.context, 'odd.tar'), '-C', bench.context, 'in']);
  assert.equal(await namesIn(bench, 'in'), [...names].sort());
  assert.equal(await namesIn(bench, 'unpacked/in'), [...names].sort());
  await bench.write({ Dockerfile: 'FROM scratch\nCOPY in/[b]ell* in/\x1b[2Jgone\x07 /x/\n' });
  const { stderr } = await bench.fail();
  assert.match(stderr, 'gone');
  assert.not.match(stderr, /[\x00-\x08\x0b-\x1f\x7f]/);
});

test('sockets and fifos of the context are left out of what is read, and devices are not opened', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM scratch\nCOPY in/file /\n', 'in/file': 'plain\n' });
  const folder = join(bench.context, 'in');
  await mustRun(['mkfifo', join(folder, 'fifo')]);
  await mustRun(['mknod', join(folder, 'zero'), 'c', '1', '5']);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
  try {
    assert.is((await bench.image()).text('/file'), 'plain\n');
    await bench.write({ Dockerfile: 'FROM scratch\nCOPY in /all\n' });
    const built = await bench.slipway(['build', '--progress=plain', bench.context]);
    assert.ok(built.code === 0 || /ERROR: .*(socket|fifo|zero)/.test(built.stderr), built.stderr);
  } finally {
    server.close();
  }
});

test('links of the context lead nowhere outside of it', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM scratch\nCOPY out/passwd /\n',
    'etc/own': 'own\n',
  });
  for (const [name, target] of [
    ['out', '/etc'],
    ['up', '../../../../../../etc'],
    ['to', '/etc/own'],
  ] as const)
    symlinkSync(target, join(bench.context, name));
  assert.match((await bench.fail()).stderr, /Dockerfile:2[\s\S]*out\/passwd/);
  await bench.write({ Dockerfile: 'FROM scratch\nCOPY up/passwd /\n' });
  assert.match((await bench.fail()).stderr, /up\/passwd/);
  // Within the context they are followed, its folder being the root.
  await bench.write({ Dockerfile: 'FROM scratch\nCOPY to /own\n' });
  assert.is((await bench.image()).text('/own'), 'own\n');
});

test('archives write nothing outside of where they are unpacked', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM scratch\nADD evil.tar /in/\n' });
  const make = join(bench.path, 'make');
  mkdirSync(make);
  writeFileSync(join(make, 'f'), 'evil\n');
  const victim = join(bench.path, 'victim');
  const tar = join(bench.context, 'evil.tar');
  await mustRun(['tar', '-cPf', tar, '-C', make, '--transform', `s,^f$,${victim},`, 'f']);
  const absolute = await bench.slipway(['build', '--progress=plain', bench.context]);
  const dots = `${'../'.repeat(20)}${victim.slice(1)}`;
  await mustRun(['tar', '-cPf', tar, '-C', make, '--transform', `s,^f$,${dots},`, 'f']);
  const climbing = await bench.slipway(['build', '--progress=plain', bench.context]);
  symlinkSync(bench.path, join(make, 'link'));
  await mustRun(['tar', '-cPf', tar, '-C', make, 'link', '--transform', 's,^f$,link/victim,', 'f']);
  const linked = await bench.slipway(['build', '--progress=plain', bench.context]);
  for (const { code, stderr } of [absolute, climbing, linked])
    assert.ok(code === 0 || (code === 1 && /ERROR: /.test(stderr) && !/bug in slipway/.test(stderr)), stderr);
  assert.is(spawnSync('test', ['-e', victim]).status, 1);
});

test.run();
