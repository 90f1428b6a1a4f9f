// What a RUN step sees, how it fails, and that the ways to isolate it agree.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cachedSteps } from '../support/cli.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram } from '../support/run-command.ts';
import { type BuiltImage, requireWorkbench, workbench } from '../support/workbench.ts';

const test = suite('e2e run');

test('a step sees its user, groups, environment and folder, and nothing of the host', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: `FROM base
ENV COLOR=blue
ARG SIZE=small
USER app
WORKDIR /home/app
RUN id > ids; env | sort > env; pwd > pwd; ps -o pid,args > processes; hostname > name
`,
  });
  const image = await bench.image([], { env: { SECRET_OF_THE_HOST: 'x' } });
  assert.is(image.text('/home/app/ids'), 'uid=1000(app) gid=1000(app) groups=1000(app),2000(extra)\n');
  const env = image.text('/home/app/env');
  assert.match(env, /^COLOR=blue$/m);
  assert.match(env, /^SIZE=small$/m);
  assert.match(env, /^HOME=\/home\/app$/m);
  assert.not.match(env, 'SECRET_OF_THE_HOST');
  assert.is(image.text('/home/app/pwd'), '/home/app\n');
  assert.ok(image.text('/home/app/processes').split('\n').length < 8, image.text('/home/app/processes'));
});

test('a failing step is named with its line, its exit code and its last words', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\n\n# a comment\nRUN echo before\nRUN echo last words && exit 42\nRUN echo never\n',
  });
  const { code, stderr } = await bench.fail();
  assert.is(code, 1);
  assert.match(stderr, /Dockerfile:5/);
  assert.match(stderr, /\b42\b/);
  const told = stderr.split('\n').filter((line) => /(^| )last words$/.test(line));
  assert.is(told.length, 2, `as it came, and again at the end:\n${stderr}`);
  assert.not.match(stderr, 'echo never\n#');
});

test('a step killed by a signal, and a program that is not there, are told apart', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nRUN sh -c "kill -9 \\$\\$"; exit $?\n' });
  assert.match((await bench.fail()).stderr, /\b137\b/);
  await bench.write({ Dockerfile: 'FROM base\nRUN ["/no/such/program"]\n' });
  assert.match((await bench.fail()).stderr, /\b127\b/);
});

test('without a network there is only the loopback device', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nRUN --network=none ls /sys/class/net > /devices\n',
  });
  assert.is((await bench.image()).text('/devices').trim(), 'lo');
});

test('an OCI runtime and the sandbox make the same layers', async () => {
  if (!requireWorkbench() || !requireFeature('runc', findProgram('runc') !== undefined)) return;
  await using bench = await workbench({
    Dockerfile: `FROM base
RUN mkdir -p /opt/a && echo one > /opt/a/1 && ln -s 1 /opt/a/l && mkfifo /opt/p && chown 5:6 /opt/a && chmod 4755 /opt/a/1
RUN rm -r /opt/a && mkdir /opt/a && echo two > /opt/a/2 && rm /etc/group
USER app
RUN id > /tmp/id && cat /proc/self/status | grep -E '^(Cap|NoNew|Seccomp:)' | grep CapBnd > /tmp/caps
`,
  });
  const epoch = { env: { SOURCE_DATE_EPOCH: '1700000000' } };
  const images: BuiltImage[] = [];
  for (const isolation of ['oci', 'sandbox']) {
    const root = bench.file(`state-${isolation}`);
    images.push(await bench.image([`--isolation=${isolation}`], { ...epoch, root }));
  }
  const [oci, sandbox] = images;
  const shape = (index: number) =>
    images.map(({ layers }) =>
      [...layers[index]!].map(
        ([path, f]) => `${path} ${f.type} ${f.mode.toString(8)} ${f.uid}:${f.gid} ${f.link} ${f.content}`,
      ),
    );
  assert.is(oci?.layers.length, sandbox?.layers.length);
  for (const index of oci!.layers.keys()) {
    const [a, b] = shape(index);
    assert.equal(b, a);
  }
});

test('output of a step is shown as it comes, long lines and all', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile:
      'FROM base\nRUN echo to-out; echo to-err >&2; head -c 300000 /dev/zero | tr "\\0" x; echo; seq 1 3000\n',
  });
  const first = await bench.build();
  assert.match(first.stderr, /^#\d+ [\d.]+ to-out$/m);
  assert.match(first.stderr, /^#\d+ [\d.]+ to-err$/m);
  assert.match(first.stderr, /^#\d+ [\d.]+ 3000$/m);
  assert.is(cachedSteps(await bench.build()), 1);
});

test.run();
