// The quickstart, as the README tells a newcomer to run it.
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { haveBusybox } from '../support/busybox-base.ts';
import { top } from '../support/cli.ts';
import { requireFeature } from '../support/require-feature.ts';
import { runCommand } from '../support/run-command.ts';

const test = suite('quickstart');

test('the quickstart builds its image, and a second time from the cache alone', async () => {
  if (!requireFeature('busybox-static', haveBusybox)) return;
  const { code, stdout, stderr } = await runCommand([join(top, 'fixtures/quickstart/run.sh')]);
  assert.is(code, 0, stdout + stderr);
  const line = (name: string) =>
    new RegExp(`^${name} build: +\\d+ ms, +(\\d+) steps from the cache, image (sha256:\\w+)$`, 'm').exec(
      stdout,
    );
  const first = line('first');
  const second = line('second');
  assert.is(first?.[1], '0', stdout);
  assert.is(second?.[1], '13', stdout);
  assert.is(second?.[2], first?.[2]);
});

test.run();
