// The examples of docs/cache.md are run, pair by pair: what the first of a pair exports, the second finds on a new machine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runBuild } from '../../src/cli/commands/build.ts';
import { createEngine } from '../../src/index.ts';
import { bucketLogin, startBucketServer } from '../support/bucket-server.ts';
import { haveBusybox } from '../support/busybox-base.ts';
import { cacheBench } from '../support/cache-bench.ts';
import { top } from '../support/cli.ts';
import { createTestSession } from '../support/cli-session.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { startGhaServer } from '../support/gha-server.ts';
import { requireFeature } from '../support/require-feature.ts';

const test = suite('docs/cache.md');
const text = readFileSync(join(top, 'docs/cache.md'), 'utf8');
const examples = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!.trim().split('\n'));

test('every example builds, and a new machine finds what one has exported', async () => {
  const registry = await startDockerRegistry();
  const buckets = await startBucketServer();
  const actions = await startGhaServer();
  const runner = {
    ACTIONS_RESULTS_URL: actions.url,
    ACTIONS_RUNTIME_TOKEN: actions.token(['refs/heads/main']),
  };
  try {
    await using bench = await cacheBench({ Dockerfile: 'FROM scratch\nCOPY a /\nCOPY b /', a: 'a', b: 'b' });
    const { accessKeyID, secretAccessKey } = bucketLogin;
    const place = `endpoint_url=${buckets.endpoint},use_path_style=true,access_key_id=${accessKeyID},secret_access_key=${secretAccessKey}`;
    const run = async (line: string, machine: string): Promise<string> => {
      const words = line
        .replaceAll('registry.example.com', registry.host)
        .replaceAll('bucket=ci-cache', `bucket=${buckets.bucket},${place}`)
        .split(/\s+/);
      assert.equal(words.splice(0, 2), ['slipway', 'build'], line);
      const session = createTestSession({ cwd: bench.file('context'), env: { HOME: bench.path, ...runner } });
      await runBuild(['--root', bench.file(machine), '--progress=plain', ...words], session, createEngine);
      return session.err.text();
    };
    assert.is(examples.length, 7);
    for (const [index, lines] of examples.entries()) {
      const isPair = lines.length === 2;
      const first = await run(lines[0]!, `writer-${index}`);
      const second = await run(lines.at(-1)!, `reader-${index}`);
      assert.match(first, /0 from the cache, 2 ran/, lines[0]);
      assert.match(second, /2 from the cache, 0 ran/, lines.at(-1));
      assert.match(second, /CACHED from/);
      assert.ok(isPair || lines.length === 1);
    }
  } finally {
    await actions.stop();
    await buckets.stop();
    await registry.stop();
  }
});

test('attributes in the text exist', () => {
  const tables = [...text.matchAll(/^\| attribute \|.*\n(?:\|.*\n)+/gm)].map(([rows]) => rows).join('');
  const table = [...tables.matchAll(/^\| (`.*?) \|/gm)].flatMap(
    ([, cell]) => cell!.match(/[a-z_.0-9-]+/g) ?? [],
  );
  assert.ok(table.length > 5);
  const source = readFileSync(join(top, 'src/cli/commands/cache-place.ts'), 'utf8');
  const flags = readFileSync(join(top, 'src/cli/commands/cache-flags.ts'), 'utf8');
  for (const name of table) assert.ok(source.includes(`'${name}'`) || flags.includes(`'${name}'`), name);
});

if (requireFeature('docker-registry', hasDockerRegistry()) && requireFeature('busybox-static', haveBusybox))
  test.run();
