import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findDefinition, readIgnoreFile } from '../../src/context/find-definition.ts';
import { throws } from '../dockerfile/throws.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('find-definition');

async function within(
  files: Record<string, string>,
  work: (folder: TempDir) => void | Promise<void>,
): Promise<void> {
  await using folder = await tempDir();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(folder.file(name)), { recursive: true });
    writeFileSync(folder.file(name), text);
  }
  await work(folder);
}
const find = (folder: TempDir, dockerfile?: string) =>
  findDefinition({ context: folder.file('ctx'), dockerfile, cwd: folder.path });

test('without -f it is the Dockerfile of the context, in lower case too', async () => {
  await within({ 'ctx/Dockerfile': 'FROM a', 'ctx/dockerfile': 'FROM b', Dockerfile: 'FROM c' }, (folder) =>
    assert.equal(find(folder), { text: 'FROM a', file: 'Dockerfile', ignore: '' }),
  );
  await within({ 'ctx/dockerfile': 'FROM b' }, (folder) =>
    assert.equal(find(folder), { text: 'FROM b', file: 'dockerfile', ignore: '' }),
  );
});

test('-f is relative to the current folder, and names the file as it is given', async () => {
  await within({ 'docker/app.Dockerfile': 'FROM a', 'ctx/docker/app.Dockerfile': 'FROM b' }, (folder) =>
    assert.equal(find(folder, 'docker/app.Dockerfile'), {
      text: 'FROM a',
      file: 'docker/app.Dockerfile',
      ignore: '',
    }),
  );
});

test("a Dockerfile's own ignore file goes before that of the context", async () => {
  const files = {
    'ctx/.dockerignore': 'context',
    'app.Dockerfile': 'FROM a',
    'app.Dockerfile.dockerignore': 'own',
    'other.Dockerfile': 'FROM b',
    'empty.Dockerfile': 'FROM c',
    'empty.Dockerfile.dockerignore': '',
  };
  await within(files, (folder) => {
    assert.is(find(folder, 'app.Dockerfile').ignore, 'own');
    assert.is(find(folder, 'other.Dockerfile').ignore, 'context');
    assert.is(find(folder, 'empty.Dockerfile').ignore, '');
  });
});

test('without a Dockerfile on disk the ignore file is that of the context', async () => {
  await within({ 'ctx/.dockerignore': 'x' }, (folder) => {
    assert.is(readIgnoreFile(folder.file('ctx'), undefined), 'x');
    assert.is(readIgnoreFile(undefined, undefined), '');
  });
});

test('a link to a Dockerfile is read, and a UTF-8 name is no trouble', async () => {
  await within({ 'ctx/real/täglich': 'FROM a' }, (folder) => {
    symlinkSync('real/täglich', folder.file('ctx/Dockerfile'));
    assert.is(find(folder).text, 'FROM a');
  });
});

test('a link in the context shows no file of the host', async () => {
  await within({ 'host/secret': 'FROM a', 'ctx/x': '' }, (folder) => {
    symlinkSync('../host/secret', folder.file('ctx/Dockerfile'));
    throws(() => find(folder), 'ERR_DOCKERFILE_NOT_FOUND', /no such file/);
  });
  await within({ 'host/secret': '*', 'ctx/Dockerfile': 'FROM a' }, (folder) => {
    symlinkSync('../host/secret', folder.file('ctx/.dockerignore'));
    assert.is(find(folder).ignore, '');
  });
});

test('a pipe is no Dockerfile, and keeps nobody waiting', async () => {
  await within({ 'ctx/x': '' }, (folder) => {
    execFileSync('mkfifo', [folder.file('ctx/Dockerfile')]);
    throws(() => find(folder), 'ERR_DOCKERFILE_NOT_FOUND', /no regular file/);
  });
});

test('one that is not there is an error that says which, and what to do', async () => {
  await within({ 'ctx/x': '' }, (folder) => {
    throws(
      () => find(folder),
      'ERR_DOCKERFILE_NOT_FOUND',
      /open ctx\/Dockerfile: no such file.*\n.*name it with -f/,
    );
    throws(
      () => find(folder, 'none'),
      'ERR_DOCKERFILE_NOT_FOUND',
      /open none.*\n.*relative to the current folder/,
    );
    throws(() => find(folder, 'ctx/x/y'), 'ERR_DOCKERFILE_NOT_FOUND', /open ctx\/x\/y/);
    throws(() => find(folder, 'ctx'), 'ERR_DOCKERFILE_NOT_FOUND', /is a folder/);
  });
});

test('one that can not be read is an error of the context', async () => {
  await within({ 'ctx/x': '' }, (folder) => {
    symlinkSync('loop', folder.file('loop'));
    throws(() => find(folder, 'loop'), 'ERR_CONTEXT', /can't read/);
  });
});

test.run();
