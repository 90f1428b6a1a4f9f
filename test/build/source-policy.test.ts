// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the rules under test write groups so.
// --source-policy-file from the command line to what is fetched.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runBuild } from '../../src/cli/commands/build.ts';
import { createEngine } from '../../src/index.ts';
import { createTestSession } from '../support/cli-session.ts';
import { type OciImage, readOciImage } from '../support/oci-image.ts';
import { rejects } from '../support/rejects.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('build/source-policy');

interface Bench extends TempDir {
  build(dockerfile: string, flags?: readonly string[], env?: Record<string, string>): Promise<OciImage>;
  rules(...rules: object[]): string;
}

async function bench(): Promise<Bench> {
  const dir = await tempDir();
  mkdirSync(dir.file('context'));
  writeFileSync(dir.file('context/a'), 'a');
  const made: Bench = {
    ...dir,
    async build(dockerfile, flags = [], env = {}) {
      writeFileSync(dir.file('context/Dockerfile'), dockerfile);
      const session = createTestSession({ cwd: dir.path, env: { PATH: process.env['PATH'], ...env } });
      const output = `--output=type=oci,dest=${dir.file('image.tar')}`;
      await runBuild(
        ['--root', dir.file('state'), output, ...flags, dir.file('context')],
        session,
        createEngine,
      );
      return readOciImage(dir.file('image.tar'));
    },
    rules(...rules) {
      writeFileSync(dir.file('policy.json'), JSON.stringify({ version: 1, rules }));
      return '--source-policy-file=policy.json';
    },
  };
  return made;
}

test('an image that is replaced is never asked for', async () => {
  await using dir = await bench();
  await dir.build('FROM scratch\nCOPY a /mirrored\n', ['-t', 'mirror/alpine:latest', '--load']);
  const flag = dir.rules({
    action: 'CONVERT',
    selector: { identifier: 'docker-image://registry.example.com/*' },
    updates: { identifier: 'docker-image://docker.io/mirror/${1}' },
  });
  const image = await dir.build(
    'FROM registry.example.com/alpine\nCOPY --from=registry.example.com/alpine:latest /mirrored /copy\n',
    [flag],
  );
  assert.equal([...image.files.keys()].sort(), ['/copy', '/mirrored']);
});

test('a source that is denied fails the build at its line, before anything is fetched', async () => {
  await using dir = await bench();
  const flag = dir.rules({ action: 'DENY', selector: { identifier: 'https://*' } });
  const dockerfile = 'FROM scratch\nCOPY a /\nADD https://example.com/x /x\n';
  const error = await rejects(dir.build(dockerfile, [flag]), 'ERR_NOT_ALLOWED', /rule 1 of policy\.json/);
  assert.is(error.place?.range.start.line, 3);
  const images = dir.rules({ action: 'DENY', selector: { identifier: 'docker-image://*' } });
  const base = await rejects(dir.build('ARG X\nFROM alpine\n', [images]), 'ERR_NOT_ALLOWED');
  assert.is(base.place?.range.start.line, 2);
  const remote = dir.rules({ action: 'DENY', selector: { identifier: 'git://*' } });
  await rejects(
    dir.build('FROM scratch\nCOPY --from=r / /\n', [remote, '--build-context=r=https://example.com/r.git']),
    'ERR_NOT_ALLOWED',
  );
});

test('a file from a URL is held against the checksum of the policy, which the environment may name', async () => {
  await using dir = await bench();
  const server = createServer((_request, response) => response.end('content'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/f`;
    const dockerfile = `FROM scratch\nADD ${url} /f\n`;
    const withSum = (text: string) => {
      const attrs = { 'http.checksum': `sha256:${createHash('sha256').update(text).digest('hex')}` };
      dir.rules({ action: 'CONVERT', selector: { identifier: 'http://*' }, updates: { attrs } });
    };
    withSum('content');
    const env = { EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: 'policy.json' };
    assert.is((await dir.build(dockerfile, [], env)).files.get('/f')?.content.toString(), 'content');
    withSum('other');
    await rejects(dir.build(dockerfile, [], env), 'ERR_DIGEST_MISMATCH');
  } finally {
    server.close();
  }
});

test('a policy that is not there or is none ends the build', async () => {
  await using dir = await bench();
  await rejects(dir.build('FROM scratch\n', ['--source-policy-file=none.json']), 'ERR_USAGE', /no such file/);
  writeFileSync(dir.file('policy.json'), 'DENY');
  await rejects(dir.build('FROM scratch\n', ['--source-policy-file=policy.json']), 'ERR_USAGE', /no JSON/);
});

test.run();
