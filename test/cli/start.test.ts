// The built program starts by itself and through its link, loads no more than it needs, and trusts no code that it did not keep.
import { cpSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { top } from '../support/cli.ts';
import { mustRun, runCommand } from '../support/run-command.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('cli/start');

interface Installed extends TempDir {
  main: string;
  packs: string;
  /** Builds a small context, and returns what standard error says. */
  build(...flags: string[]): Promise<string>;
}

/** A copy of the program, without code that earlier runs kept, and a context without RUN. */
async function install(): Promise<Installed> {
  const dir = await tempDir();
  const dist = dir.file('lib/dist/cli');
  cpSync(join(top, 'dist/cli'), dist, { recursive: true, filter: (path) => !path.endsWith('.code') });
  cpSync(join(top, 'package.json'), dir.file('lib/package.json'));
  cpSync(join(top, 'src/oci'), dir.file('context/files'), { recursive: true });
  writeFileSync(
    dir.file('context/Dockerfile'),
    'FROM scratch\nENV A=1\nWORKDIR /w\nCOPY --chmod=644 files .\n',
  );
  const main = join(dist, 'main.js');
  const build = async (...flags: string[]): Promise<string> => {
    const env = { SLIPWAY_ROOT: dir.file('state'), NODE_OPTIONS: undefined };
    const tag = flags.includes('--tag') ? [] : ['--tag', 'small'];
    const argv = [process.execPath, main, 'build', '--progress=plain', ...tag, ...flags];
    const done = await runCommand([...argv, dir.file('context')], { env });
    assert.is(done.code, 0, done.stderr);
    return done.stderr;
  };
  return { ...dir, main, packs: join(dist, 'pack'), build };
}

const codeFiles = (packs: string): string[] => readdirSync(packs).filter((name) => name.endsWith('.code'));

test('a build that finds everything in the cache loads the first pack alone: no worker, no HTTP, no YAML', async () => {
  await using at = await install();
  await at.build();
  writeFileSync(at.file('Above'), 'FROM small\nCOPY --from=small /w /v\n');
  const above = ['--file', at.file('Above'), '--tag', 'above'];
  await at.build(...above);
  rmSync(join(at.packs, 'rest.cjs'));
  assert.match(await at.build(), /2 steps, 2 from the cache, 0 ran/);
  assert.match(await at.build(...above), /1 step, 1 from the cache, 0 ran/);
  const builtins = await loadedBuiltins(at);
  for (const name of ['worker_threads', 'http', 'tls', 'zlib', 'child_process', 'fs/promises', 'url', 'v8'])
    assert.not.ok(builtins.includes(`NativeModule ${name}`), `node:${name} is loaded`);
});

/** Names of Node's own modules that a build loads which Node does not load by itself. */
async function loadedBuiltins(at: Installed): Promise<string[]> {
  const list = at.file('list.cjs');
  writeFileSync(
    list,
    `const before = new Set(process.moduleLoadList);
     process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(at.file('list.json'))},
       JSON.stringify(process.moduleLoadList.filter((name) => !before.has(name)))));`,
  );
  const env = { SLIPWAY_ROOT: at.file('state'), NODE_OPTIONS: undefined };
  const argv = [process.execPath, '--require', list, at.main, 'build', '-t', 'small', at.file('context')];
  await mustRun(argv, { env });
  return JSON.parse(readFileSync(at.file('list.json'), 'utf8')) as string[];
}

test('a build in which nothing changed makes no file in the state folder', async () => {
  await using at = await install();
  for (let run = 0; run < 2; run++) await at.build();
  const files = (): string[] =>
    readdirSync(at.file('state'), { recursive: true, encoding: 'utf8' })
      .map((name) => `${name} ${statSync(at.file('state', name)).ino}`)
      .sort();
  const before = files();
  await at.build();
  assert.equal(files(), before);
});

test('what V8 compiled is kept by the first runs, and no longer written when nothing new is done', async () => {
  await using at = await install();
  assert.equal(codeFiles(at.packs), []);
  for (let run = 0; run < 5; run++) await at.build();
  const kept = codeFiles(at.packs);
  assert.is(kept.length, 2);
  const before = kept.map((name) => readFileSync(join(at.packs, name)).toString('base64'));
  await at.build();
  const after = kept.map((name) => readFileSync(join(at.packs, name)).toString('base64'));
  assert.equal(after, before);
});

test('a build that has work to do uses kept code, too', async () => {
  await using at = await install();
  for (let run = 0; run < 5; run++) await at.build('--no-cache');
  const kept = codeFiles(at.packs);
  assert.is(kept.length, 2);
  const before = kept.map((name) => statSync(join(at.packs, name)).ino);
  await at.build('--no-cache');
  const after = kept.map((name) => statSync(join(at.packs, name)).ino);
  assert.equal(after, before, 'what was kept was refused, and written again');
});

test('linting many files uses kept code, too', async () => {
  await using at = await install();
  const files = Array.from({ length: 30 }, () => at.file('context/Dockerfile'));
  const lint = async (): Promise<void> => {
    const argv = [process.execPath, at.main, 'lint', '--no-config', '--root', at.file('state'), ...files];
    const { code, stderr } = await runCommand(argv, { env: { NODE_OPTIONS: undefined }, cwd: at.path });
    assert.ok(code === 0 || code === 1, stderr);
  };
  for (let run = 0; run < 5; run++) await lint();
  const kept = codeFiles(at.packs);
  assert.ok(kept.length >= 2);
  const before = kept.map((name) => statSync(join(at.packs, name)).ino);
  await lint();
  const after = kept.map((name) => statSync(join(at.packs, name)).ino);
  assert.equal(after, before, 'what was kept was refused, and written again');
});

test('kept code that is torn, foreign, or of another program is not used', async () => {
  await using at = await install();
  await at.build();
  const name = codeFiles(at.packs).find((one) => one.startsWith('first'))!;
  const file = join(at.packs, name);
  const whole = readFileSync(file);
  const end = whole.indexOf('\n');
  const head = JSON.parse(whole.toString('utf8', 0, end)) as Record<string, unknown>;
  const withHead = (changed: object): Buffer =>
    Buffer.concat([Buffer.from(`${JSON.stringify({ ...head, ...changed })}\n`), whole.subarray(end + 1)]);
  const wrong = [
    Buffer.alloc(0),
    Buffer.from('{}\n'),
    whole.subarray(0, whole.length / 2),
    Buffer.concat([whole, Buffer.from('more')]),
    withHead({ bundle: '0123456789abcdef' }),
    Buffer.concat([whole.subarray(0, end + 1), Buffer.alloc(whole.length - end - 1)]),
  ];
  for (const bytes of wrong) {
    writeFileSync(file, bytes);
    assert.match(await at.build(), /2 from the cache/);
    assert.not.ok(readFileSync(file).equals(bytes), 'it was not replaced');
  }
});

test('started through a link it finds Node and itself, and passes arguments as they are', async () => {
  await using at = await install();
  symlinkSync(at.main, at.file('slipway'));
  const version = await mustRun([at.file('slipway'), 'version'], { cwd: at.path });
  assert.match(version, /^slipway \d/);
  const odd = ['build', '--no-cahce', '*', '$(exit 7)', "a 'b' c"];
  const failed = await runCommand([at.file('slipway'), ...odd], { cwd: at.path });
  assert.is(failed.code, 2);
  assert.match(failed.stderr, /unknown flag: --no-cahce/);
});

test('the launcher keeps NODE_EXTRA_CA_CERTS from Node, and gives it to what the program starts', async () => {
  await using at = await install();
  const script = at.file('print.cjs');
  // Stands in for the program: what Node itself saw, and what is left for others.
  writeFileSync(
    join(at.packs, 'first.cjs'),
    `(()=>({"main.js"(){console.log(JSON.stringify([process.argv.slice(2),process.env.NODE_EXTRA_CA_CERTS,process.env.SLIPWAY_UNREAD_CA_CERTS]))}}))`,
  );
  writeFileSync(script, '');
  const ask = async (env: Record<string, string | undefined>): Promise<unknown> =>
    JSON.parse(await mustRun([at.main, 'a b', '*'], { env: { ...cleared, ...env } }));
  const cleared = {
    NODE_EXTRA_CA_CERTS: undefined,
    SLIPWAY_UNREAD_CA_CERTS: undefined,
    OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
  };
  const words = ['a b', '*'];
  assert.equal(await ask({}), [words, null, null]);
  assert.equal(await ask({ NODE_EXTRA_CA_CERTS: '/a b/c*.pem' }), [words, null, '/a b/c*.pem']);
  const traced = { NODE_EXTRA_CA_CERTS: script, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  assert.equal(await ask(traced), [words, script, null]);
});

test.run();
