// RUN --mount=type=cache between machines.
import { readdirSync, statSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { haveBusybox } from '../support/busybox-base.ts';
import { cacheBench } from '../support/cache-bench.ts';
import { requireFeature } from '../support/require-feature.ts';

const test = suite('cache mounts between machines');

const step = (command: string): string =>
  `FROM base\nRUN --mount=type=cache,id=m,uid=7,gid=8,mode=0750,target=/m ${command}`;

test('a mount begins with what another machine left in it: names, owners, modes and links', async () => {
  await using bench = await cacheBench({
    Dockerfile: step(
      'cd /m && echo one > file && ln file twin && ln -s file link && mkdir d && chown 5:6 d && chmod 711 d',
    ),
  });
  const place = bench.file('kept');
  await bench.build('a', [`--cache-to=type=local,dest=${place},mounts=true`]);
  const look =
    'cd /m && ls -lnA . > /seen && cat link twin > /text && stat -c %a:%u:%g . d > /owners && stat -c %h file > /inodes';
  await bench.write({ Dockerfile: step(look) });
  const build = await bench.build('b', [`--cache-from=type=local,src=${place}`]);
  assert.is(build.text('/text'), 'one\none\n');
  assert.is(build.text('/owners'), '750:7:8\n711:5:6\n');
  assert.is(build.text('/inodes').trim(), '2');
  const without = await bench
    .build('c', [`--cache-from=type=local,src=${place},mounts=false`])
    .catch((error: Error) => error);
  assert.ok(without instanceof Error);
});

test('what changed is sent, and nothing where nothing did', async () => {
  await using bench = await cacheBench({
    Dockerfile: step(
      'dd if=/dev/urandom of=/m/big bs=1k count=300 2>&1 && echo old > /m/gone && echo a > /m/same',
    ),
  });
  const place = bench.file('kept');
  const flags = [`--cache-to=type=local,dest=${place},mounts=true`, `--cache-from=type=local,src=${place}`];
  await bench.build('a', flags);
  const large = (): number =>
    readdirSync(`${place}/blobs/sha256`).filter(
      (name) => statSync(`${place}/blobs/sha256/${name}`).size > 100_000,
    ).length;
  assert.is(large(), 1);
  await bench.write({ Dockerfile: step('echo new > /m/new && rm /m/gone') });
  await bench.build('b', flags);
  assert.is(large(), 1, 'the large file is not sent again');
  await bench.write({ Dockerfile: step('ls /m > /list && cat /m/new /m/same > /text') });
  const build = await bench.build('c', flags);
  assert.is(build.text('/list'), 'big\nnew\nsame\n');
  assert.is(build.text('/text'), 'new\na\n');
});

test('--no-cache begins with an empty mount', async () => {
  await using bench = await cacheBench({ Dockerfile: step('echo one > /m/file') });
  const place = bench.file('kept');
  await bench.build('a', [`--cache-to=type=local,dest=${place},mounts=true`]);
  await bench.write({ Dockerfile: step('ls -A /m > /list') });
  const build = await bench.build('b', [`--cache-from=type=local,src=${place}`, '--no-cache']);
  assert.is(build.text('/list'), '');
});

if (requireFeature('busybox-static', haveBusybox)) test.run();
