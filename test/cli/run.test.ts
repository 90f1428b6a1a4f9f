// `slipway run` asks the engine for exactly what its flags say, and is for its caller what the command is.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runRun } from '../../src/cli/commands/run.ts';
import { runFlags } from '../../src/cli/commands/run-flags.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Session } from '../../src/cli/session.ts';
import { SlipwayError } from '../../src/errors.ts';
import type { CallOptions, Engine, EngineOptions, RunIO, RunRequest } from '../../src/index.ts';
import { createTestSession } from '../support/cli-session.ts';

interface Asked {
  options?: EngineOptions;
  request?: RunRequest;
}

function fakeEngine(asked: Asked, work: (call: CallOptions & RunIO) => number | Promise<number> = () => 0) {
  return (options: EngineOptions): Pick<Engine, 'run'> => {
    asked.options = options;
    return {
      async run(request, call) {
        asked.request = request;
        return { exitCode: await work(call) };
      },
    };
  };
}

async function run(argv: string[], changes: Partial<Session> = {}, work?: Parameters<typeof fakeEngine>[1]) {
  const asked: Asked = {};
  const session = createTestSession(changes);
  await runRun(argv, session, fakeEngine(asked, work));
  return { request: asked.request!, options: asked.options!, session };
}

async function failure(...argv: string[]): Promise<SlipwayError> {
  const session = createTestSession();
  try {
    await runRun(argv, session, fakeEngine({}));
  } catch (error) {
    assert.instance(error, SlipwayError);
    assert.is(session.failure.errorCode, 125);
    return error as SlipwayError;
  }
  throw new Error(`no error: ${argv.join(' ')}`);
}

const test = suite('cli/run');

test('without flags, the image runs what it is made for', async () => {
  const { request, options } = await run(['app:1']);
  assert.equal(request, {
    image: 'app:1',
    command: [],
    entrypoint: undefined,
    env: {},
    volumes: [],
    tmpfs: [],
    workdir: undefined,
    user: undefined,
    network: 'host',
    security: 'sandbox',
    hostname: undefined,
    addHosts: [],
    shmSize: undefined,
    ulimits: [],
    platform: undefined,
    pull: 'missing',
    readOnly: false,
    cwd: '/nowhere',
    stdin: undefined,
  });
  assert.is(options.root, '/home/wilma/.local/share/slipway');
  assert.is(options.isolation, 'auto');
});

test('every flag reaches the request', async () => {
  const argv = `-e A=1=2 -e B -e C --env D= -v ./x:/x -v /y:/y:ro -w /w -u me:grp --entrypoint /go --network=none --rm -i
    --hostname h --add-host db:192.0.2.7 --shm-size 96m --ulimit nofile=1:2 --platform linux/arm64 --pull=never
    --read-only --tmpfs /t --tmpfs /u:size=1m,rw --root state --isolation sandbox --require rootless --privileged app cmd -e`;
  const { request, options } = await run(argv.split(/\s+/), { env: { B: 'b' } });
  assert.equal(
    { ...request, stdin: request.stdin !== undefined },
    {
      image: 'app',
      command: ['cmd', '-e'],
      entrypoint: ['/go'],
      env: { A: '1=2', B: 'b', C: undefined, D: '' },
      volumes: [
        { source: './x', target: '/x', readonly: false },
        { source: '/y', target: '/y', readonly: true },
      ],
      tmpfs: [
        { target: '/t', size: undefined },
        { target: '/u', size: 1024 ** 2 },
      ],
      workdir: '/w',
      user: 'me:grp',
      network: 'none',
      security: 'insecure',
      hostname: 'h',
      addHosts: ['db:192.0.2.7'],
      shmSize: 96 * 1024 ** 2,
      ulimits: [{ name: 'nofile', soft: 1, hard: 2 }],
      platform: { os: 'linux', architecture: 'arm64' },
      pull: 'never',
      readOnly: true,
      cwd: '/nowhere',
      stdin: true,
    },
  );
  assert.equal([options.root, options.isolation, options.require], ['/nowhere/state', 'sandbox', 'rootless']);
});

test('words after the image are the command’s, whatever they look like', async () => {
  const words = ['ls', '--help', '-h', '--root', '--', '-t'];
  assert.equal((await run(['-ie', 'A=1', 'app', ...words])).request.command, words);
  assert.equal((await run(['--', 'app', '-x'])).request.command, ['-x']);
  assert.equal((await run(['--entrypoint', '', 'app', 'a'])).request.entrypoint, []);
  // The command's own request for help is none for ours.
  const session = createTestSession({ cwd: '/', env: { SLIPWAY_ROOT: '/dev/null/x' } });
  await dispatch(['run', 'oci-layout:///no/such:x', 'ls', '--help'], session).catch(() => {});
  assert.is(session.out.text(), '');
});

test('help shows every flag', async () => {
  const session = createTestSession();
  await dispatch(['run', '-w', '/x', '--help'], session);
  for (const flag of runFlags) assert.match(session.out.text(), `--${flag.name}`);
});

test('a file of variables is read as docker reads it, and --env goes over it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-env-'));
  try {
    const lines = '\uFEFFA=from file\r\n# B=no\n\n  C="quoted" # kept\nD\nE\nF=1=2\n';
    writeFileSync(join(folder, 'env'), lines);
    writeFileSync(join(folder, 'bad'), 'A B=1\n');
    const changes = { cwd: folder, env: { D: 'd' } };
    const { request } = await run(['-e', 'A=flag', '--env-file', 'env', 'app'], changes);
    assert.equal(request.env, { A: 'flag', C: '"quoted" # kept', D: 'd', F: '1=2' });
    await run(['--env-file', 'bad', 'app'], changes).then(
      () => assert.unreachable(),
      (error) => assert.match(error.message, 'blank'),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what is wrong with the command line is told before anything runs', async () => {
  const usage = [
    [],
    ['-i'],
    ['--network', 'bridge', 'app'],
    ['--pull', 'newer', 'app'],
    ['-v', ':/x', 'app'],
    ['-v', '/x:/y:ro:z', 'app'],
    ['-e', '=x', 'app'],
    ['--env-file', '/no/such/file', 'app'],
    ['--shm-size', 'x', 'app'],
    ['--tmpfs', '/t:size=x', 'app'],
    ['--no-such-flag', 'app'],
  ];
  for (const argv of usage) assert.is((await failure(...argv)).code, 'ERR_USAGE', argv.join(' '));
  const unsupported = ['-t', '-it', '-d', '-p=80:80', '--rm=false', '--name=x'];
  unsupported.push('-v=/x', '-v=named:/x', '-v=/x:/y:z', '--tmpfs=/x:noexec', '--cap-add=ALL', '--mount=x');
  for (const word of unsupported) {
    const error = await failure(word, 'app');
    assert.is(error.code, 'ERR_UNSUPPORTED', word);
    assert.ok(error.hint, word);
  }
});

test('output goes through as it is, streams apart, and waits for a slow reader', async () => {
  const session = createTestSession();
  const { stdout } = session;
  const write = stdout.write.bind(stdout);
  stdout.write = (chunk: string | Uint8Array) => {
    write(chunk);
    return false;
  };
  await runRun(
    ['app'],
    session,
    fakeEngine({}, async (call) => {
      call.onOutput('stderr', Buffer.from('err\x1b[31m'));
      assert.is(call.drained?.('stderr'), undefined);
      call.onOutput('stdout', Buffer.from('out'));
      const waiting = call.drained?.('stdout');
      assert.ok(waiting);
      stdout.emit('drain');
      await waiting;
      assert.is(stdout.listenerCount('drain'), 0);
      return 0;
    }),
  );
  assert.equal([session.out.text(), session.err.text()], ['out', 'err\x1b[31m']);
});

test('the command’s exit code is the program’s, and signals go to the command', async () => {
  const sent: string[] = [];
  let handler: (signal: NodeJS.Signals) => void = () => {};
  const takeSignals: Session['takeSignals'] = (taker) => {
    handler = taker;
  };
  const { session } = await run(['app'], { takeSignals }, (call) => {
    call.onStart?.((signal) => sent.push(signal));
    handler('SIGTERM');
    return 7;
  });
  assert.is(session.failure.exitCode, 7);
  assert.equal(sent, ['SIGTERM']);
});

test('what is pulled is told, unless --quiet', async () => {
  const vertex = { id: 'x', name: '[internal] pull docker.io/library/app:1' };
  const work = (call: CallOptions): number => {
    call.onEvent({ type: 'started', vertex, time: 0 });
    return 0;
  };
  assert.is((await run(['app'], {}, work)).session.err.text(), 'pull docker.io/library/app:1\n');
  assert.is((await run(['-q', 'app'], {}, work)).session.err.text(), '');
});

test.run();
