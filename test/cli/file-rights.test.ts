// What a bake file from elsewhere may read and write here: links are followed, parts of names are no folders.
import { mkdirSync, symlinkSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkFileRights, readFileRights } from '../../src/cli/commands/file-rights.ts';
import type { BakeTargetRequest, BuildRequest } from '../../src/index.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('file rights');

/** Whether a secret may be read from a path in `here`. */
function mayRead(dir: TempDir, path: string, allow: readonly string[] = []): boolean {
  const cwd = dir.file('here');
  const request = {
    ...{
      context: 'https://git.test/app.git',
      cwd,
      dockerfile: undefined,
      buildContexts: [],
      outputs: [],
      ssh: [],
    },
    secrets: [{ id: 's', type: 'file', path }],
  } as Partial<BuildRequest> as BuildRequest;
  const target: BakeTargetRequest = { name: 'a', request, links: [] };
  try {
    checkFileRights(target, readFileRights(allow, cwd), []);
    return true;
  } catch (error) {
    assert.is((error as { code: string }).code, 'ERR_NOT_ALLOWED');
    return false;
  }
}

test('links lead out of the current folder, and out of what is allowed', async () => {
  await using dir = await tempDir();
  for (const name of ['here/sub', 'here-too', 'there']) mkdirSync(dir.file(name), { recursive: true });
  symlinkSync('../there', dir.file('here/out'));
  symlinkSync('sub', dir.file('here/in'));
  symlinkSync('here', dir.file('also-here'));
  assert.ok(mayRead(dir, 'sub/none-such'));
  assert.ok(mayRead(dir, 'in/f'));
  assert.ok(mayRead(dir, '../also-here/f'));
  assert.not.ok(mayRead(dir, 'out/f'));
  assert.not.ok(mayRead(dir, 'sub/../../there/f'));
  assert.not.ok(mayRead(dir, '../here-too/f'));
  assert.ok(mayRead(dir, 'out/f', ['fs.read=../there']));
  assert.ok(mayRead(dir, 'out/f', ['network.host,fs=out']));
  assert.not.ok(mayRead(dir, 'out/f', ['fs.write=../there', 'fs.read=../here-too']));
  assert.ok(mayRead(dir, '/etc/passwd', ['fs.read=*']));
});

test.run();
