import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { abandonedIn, isMakerAlive, removeAbandoned, uniqueName } from '../../src/fs/unique-name.ts';
import { run } from '../support/child-process.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('unique name');

/** As a process made it that has ended. */
async function deadName(base: string): Promise<string> {
  const program = `import('./src/fs/unique-name.ts').then(({ uniqueName }) => console.log(uniqueName('${base}')))`;
  const [name] = await run([process.execPath, '--import', 'tsx', '-e', program]);
  return name!;
}

test('two names of one base differ, and both begin with it', () => {
  assert.is.not(uniqueName('a'), uniqueName('a'));
  assert.match(uniqueName('some.json'), /^some\.json\./);
});

test('a name tells whether who made it still runs', async () => {
  assert.is(isMakerAlive(uniqueName('blob')), true);
  assert.is(isMakerAlive(await deadName('blob')), false);
});

test('a number that another process has by now is not who made the name', () => {
  const name = uniqueName('blob').replace(/\.(\d+)-\d+-/, '.$1-1-');
  assert.is(isMakerAlive(name), false);
});

test('a name of another machine, or of another form, tells nothing', () => {
  const elsewhere = uniqueName('blob').replace(/-[0-9a-f]{8}\./, '-00000000.');
  for (const name of [elsewhere, 'blob.1.abcdef', 'blob']) assert.is(isMakerAlive(name), undefined);
});

test('what the dead have left is found; what the living make, and what is new, is not', async () => {
  await using dir = await tempDir();
  const dead = await deadName('blob');
  const old = (name: string, hours: number): void =>
    utimesSync(dir.file(name), 0, Date.now() / 1000 - hours * 3600);
  for (const name of [dead, uniqueName('blob'), 'new', 'old', 'future']) writeFileSync(dir.file(name), '');
  mkdirSync(dir.file('folder'));
  old('old', 2);
  old('future', -48);
  old('folder', 2);
  assert.equal(abandonedIn(dir.path).sort(), [dead, 'future', 'old'].sort());
  assert.equal(abandonedIn(dir.path, { prefix: 'blob.' }), [dead]);
  assert.equal(abandonedIn(dir.file('nowhere')), []);
});

test('where people look, only what says who made it is removed', async () => {
  await using dir = await tempDir();
  const dead = await deadName('.part');
  for (const name of [dead, '.part', '.part.1.2', 'theirs']) {
    writeFileSync(dir.file(name), '');
    utimesSync(dir.file(name), 0, 0);
  }
  removeAbandoned(dir.path, '.part');
  removeAbandoned(dir.file('nowhere'), '.part');
  assert.equal(readdirSync(dir.path).sort(), ['.part', '.part.1.2', 'theirs']);
  assert.not.ok(existsSync(dir.file(basename(dead))));
});

test.run();
