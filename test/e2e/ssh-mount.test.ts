// RUN --mount=type=ssh end to end: a step may sign with a key that it never sees, and nothing of it stays.
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram, mustRun } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const tools = ['ssh-keygen', 'ssh-add', 'ssh-agent'].map(findProgram);
const test = suite('e2e/ssh-mount');

function it(title: string, body: (bench: Workbench, key: string) => Promise<void>): void {
  test(title, async () => {
    if (!requireFeature('openssh-client', !tools.includes(undefined)) || !requireWorkbench()) return;
    await using bench = await workbench();
    const key = bench.file('key');
    await mustRun(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'me', '-f', key]);
    await copyFile(`${key}.pub`, join(bench.context, 'key.pub'));
    await copyWithLibraries(tools[1]!, join(bench.context, 'root'));
    await body(bench, key);
  });
}

/** Copies a program, and the libraries that it loads, to where they lie on this machine. */
async function copyWithLibraries(program: string, root: string): Promise<void> {
  const libraries = (await mustRun(['ldd', program])).match(/\/\S+(?= \()/g) ?? [];
  for (const path of [program, ...libraries]) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(path, join(root, path));
  }
}

const dockerfile = `FROM base
COPY root/ /
COPY key.pub /
USER app
RUN --mount=type=ssh,uid=1000,mode=0600,required ssh-add -T /key.pub && ssh-add -L > /tmp/listed; ! ssh-add -D
USER root
RUN --mount=type=ssh,id=other,target=/agent,mode=0644 echo $SSH_AUTH_SOCK; stat -c %a $SSH_AUTH_SOCK || true
RUN echo \${SSH_AUTH_SOCK:-none} > /later
`;

it('a plain user signs with a key given as a file', async (bench, key) => {
  await bench.write({ Dockerfile: dockerfile });
  const image = await bench.image([`--ssh=default=${key}`]);
  assert.match(image.text('/tmp/listed'), 'ssh-ed25519 ');
  assert.is(image.text('/later'), 'none\n');
  assert.not.ok([...image.files.keys()].some((path) => /agent|buildkit/.test(path)));
  assert.match(image.result.stderr, /\/agent\n/);
  const secret = (await readFile(key, 'utf8')).split('\n')[3]!;
  for (const file of image.files.values()) assert.not.ok(file.content.includes(secret));
});

it('a plain user signs with the agent of whoever builds', async (bench, key) => {
  const socket = bench.file('own-agent');
  const pid = /SSH_AGENT_PID=(\d+)/.exec(await mustRun(['ssh-agent', '-s', '-a', socket]))![1];
  try {
    const env = { SSH_AUTH_SOCK: socket };
    await mustRun(['ssh-add', '-q', key], { env });
    await bench.write({ Dockerfile: dockerfile });
    const image = await bench.image(['--ssh=default', `--ssh=other=${key}`], { env });
    assert.match(image.text('/tmp/listed'), 'ssh-ed25519 ');
    assert.match(image.result.stderr, /\/agent\n.*644\n/);
    assert.match(await mustRun(['ssh-add', '-L'], { env }), 'ssh-ed25519 ');
  } finally {
    process.kill(Number(pid));
  }
});

it('what can not be forwarded is told before a step runs', async (bench, key) => {
  await bench.write({ Dockerfile: dockerfile });
  const env = { SSH_AUTH_SOCK: undefined };
  const cases: [string, RegExp][] = [
    ['--ssh=default', /SSH_AUTH_SOCK is not set/],
    ['--ssh=default=gone', /gone not found/],
    [`--ssh=default=${key}.pub`, /no private key/],
  ];
  for (const [flag, message] of cases) {
    const failed = await bench.fail([flag], { env });
    assert.match(failed.stderr, message);
    assert.not.match(failed.stderr, /RUN .*\n/);
  }
  assert.match((await bench.fail([], { env })).stderr, /SSH agent default: not given[\s\S]*--ssh default/);
});

test.run();
