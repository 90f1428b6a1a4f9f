// Names that are no UTF-8, all the way from a context to a result.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('names that are no UTF-8');
const bytes = (path: string): Buffer => Buffer.from(path, 'latin1');

test('a file and an archive are copied and unpacked under the names that they have', async () => {
  await using dir = await tempDir();
  const context = dir.file('context');
  mkdirSync(context);
  writeFileSync(bytes(`${context}/f\xff`), 'file');
  const options = { cwd: context, input: bytes('f\xff\n') };
  writeFileSync(bytes(`${context}/a\xff.tar`), execFileSync('tar', ['-cf', '-', '-T', '-'], options));
  writeFileSync(`${context}/Dockerfile`, 'FROM scratch\nCOPY f* /copied/\nADD a* /unpacked/\n');
  const engine = createEngine({
    ...{ root: dir.file('state'), isolation: 'auto', snapshotter: 'copy', parallelism: 1, env: {} },
  });
  await engine.build(
    {
      ...{ context, cwd: context, dockerfile: undefined, target: undefined, platforms: [] },
      ...{ buildContexts: [], outputs: [{ type: 'local', dest: dir.file('out') }], buildArgs: {} },
      ...{ labels: {}, tags: [], noCache: false, noCacheFilter: [], pull: false, network: 'default' },
      ...{ allow: [], secrets: [], ssh: [], addHosts: [], env: {}, shmSize: undefined, ulimits: [] },
      ...{ stdin: undefined, stdout: undefined },
    },
    { signal: new AbortController().signal, onEvent() {} },
  );
  for (const folder of ['copied', 'unpacked']) {
    const path = dir.file('out', folder);
    assert.equal(readdirSync(path, { encoding: 'buffer' }), [bytes('f\xff')], folder);
    assert.is(readFileSync(bytes(`${path}/f\xff`), 'utf8'), 'file', folder);
  }
});

test.run();
