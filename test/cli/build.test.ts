// `slipway build` asks the engine for exactly what its flags say, and tells the result where scripts and people look for it.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type BuildEngine, runBuild } from '../../src/cli/commands/build.ts';
import type { Session } from '../../src/cli/session.ts';
import { stateRoot } from '../../src/cli/state-root.ts';
import { SlipwayError } from '../../src/errors.ts';
import type { BuildEvent, BuildRequest, BuildResult, EngineOptions, OnEvent } from '../../src/index.ts';
import { createCollector, createTestSession } from '../support/cli-session.ts';

const digest = `sha256:${'1'.repeat(64)}` as BuildResult['imageID'];
const result: BuildResult = {
  imageID: digest,
  descriptor: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 2 },
  names: ['docker.io/library/app:1'],
  steps: { total: 5, cached: 4, ran: 1 },
  metadata: { 'containerimage.digest': digest },
};

interface Asked {
  options?: EngineOptions;
  request?: BuildRequest;
}

/** An engine that notes what it is asked for, and does `work`. */
function fakeEngine(
  asked: Asked,
  work: (request: BuildRequest, onEvent: OnEvent) => void | Promise<void> = () => {},
) {
  return (options: EngineOptions): BuildEngine => {
    asked.options = options;
    return {
      async build(request, call) {
        asked.request = request;
        await work(request, call.onEvent);
        return result;
      },
      async explain() {
        throw new Error('nothing was asked to be explained');
      },
      async outline(request) {
        asked.request = request;
        return {
          name: 'prod',
          description: 'the server',
          args: [{ name: 'VERSION', description: 'of the app', value: '1' }],
          secrets: [{ name: 'token', required: true }],
          ssh: [],
        };
      },
      async check(request) {
        asked.request = request;
        const place = {
          file: 'Dockerfile',
          range: { start: { line: 2, column: 3 }, end: { line: 2, column: 9 } },
        };
        if (request.target === 'broken') throw new SlipwayError('ERR_SYNTAX', 'it cannot be read', { place });
        const found = {
          description: 'say more',
          url: 'https://docs.docker.com/go/dockerfile/rule/says-little/',
          message: 'it says little',
          severity: 'warning' as const,
          place,
        };
        return {
          findings: request.target === 'clean' ? [] : [{ rule: 'SaysLittle', ...found }],
          failed: false,
        };
      },
      async targets(request) {
        asked.request = request;
        return {
          targets: [
            { name: 'base', description: '', base: 'busybox', platform: '', default: false },
            { name: 'prod', description: 'the server', base: 'base', platform: '', default: true },
          ],
        };
      },
    };
  };
}

async function build(
  argv: string[],
  changes: Partial<Session> = {},
  work?: Parameters<typeof fakeEngine>[1],
) {
  const asked: Asked = {};
  const session = createTestSession(changes);
  await runBuild(argv, session, fakeEngine(asked, work));
  return {
    ...asked,
    request: asked.request!,
    options: asked.options!,
    session,
    out: session.out.text(),
    err: session.err.text(),
  };
}

async function failure(argv: string[], changes: Partial<Session> = {}): Promise<SlipwayError> {
  const asked: Asked = {};
  try {
    await runBuild(argv, createTestSession(changes), fakeEngine(asked));
  } catch (error) {
    assert.instance(error, SlipwayError);
    assert.is(asked.request, undefined);
    return error as SlipwayError;
  }
  throw new Error(`no error: ${argv.join(' ')}`);
}

const test = suite('cli/build');

test('without flags, the image of the folder goes to the local image store', async () => {
  const { request, options } = await build(['.']);
  assert.equal(request, {
    context: '.',
    dockerfile: undefined,
    target: undefined,
    buildArgs: {},
    buildContexts: [],
    labels: {},
    tags: [],
    platforms: [],
    outputs: [{ type: 'image' }],
    noCache: false,
    noCacheFilter: [],
    pull: false,
    network: 'default',
    allow: [],
    secrets: [],
    ssh: [],
    addHosts: [],
    shmSize: undefined,
    ulimits: [],
    env: {},
    cwd: '/nowhere',
    stdin: undefined,
    stdout: undefined,
  });
  assert.equal(options, {
    root: '/home/wilma/.local/share/slipway',
    isolation: 'auto',
    snapshotter: 'auto',
    parallelism: Math.max(16, 4 * availableParallelism()),
    env: {},
  });
});

test('every flag reaches the request', async () => {
  const argv = `-f docker/Dockerfile --target prod --build-arg A=1=2 --build-arg B --build-arg A=3 --build-context app=../app
    --label a=b=c --label d --platform linux/arm64,linux/arm/v6 -t app:1 -t app:2 --no-cache --no-cache-filter one,two
    --no-cache-filter three --pull --network none --allow network.host --ssh default --ssh k=a,b --secret id=s,src=f --add-host db:192.0.2.7
    --shm-size 96m --ulimit nofile=1:2 --isolation sandbox --require chroot --snapshotter copy --jobs 3 --root state
    --provenance=false --sbom=false --push=false --load -o type=oci,dest=a.tar ctx`;
  const { request, options } = await build(argv.split(/\s+/), { env: { B: 'x' } });
  assert.equal(
    { ...request, stdin: undefined, stdout: undefined },
    {
      context: 'ctx',
      dockerfile: 'docker/Dockerfile',
      target: 'prod',
      buildArgs: { A: '3', B: undefined },
      buildContexts: [{ name: 'app', value: '../app' }],
      labels: { a: 'b=c', d: '' },
      tags: ['app:1', 'app:2'],
      platforms: [
        { os: 'linux', architecture: 'arm64' },
        { os: 'linux', architecture: 'arm', variant: 'v6' },
      ],
      outputs: [{ type: 'oci', dest: 'a.tar', tar: true, names: ['app:1', 'app:2'] }, { type: 'image' }],
      noCache: true,
      noCacheFilter: ['one', 'two', 'three'],
      pull: true,
      network: 'none',
      allow: ['network.host'],
      secrets: [{ id: 's', type: 'file', path: 'f' }],
      ssh: [
        { id: 'default', paths: [] },
        { id: 'k', paths: ['a', 'b'] },
      ],
      addHosts: ['db:192.0.2.7'],
      shmSize: 96 * 1024 ** 2,
      ulimits: [{ name: 'nofile', soft: 1, hard: 2 }],
      env: { B: 'x' },
      cwd: '/nowhere',
      stdin: undefined,
      stdout: undefined,
    },
  );
  assert.equal(options, {
    root: '/nowhere/state',
    isolation: 'sandbox',
    require: 'chroot',
    snapshotter: 'copy',
    parallelism: 3,
    env: { B: 'x' },
  });
});

test('names of image outputs are tags', async () => {
  const { request } = await build(['-t', 'a', '-o', '"type=image","name=a,b"', '.']);
  assert.equal(request.tags, ['a', 'b']);
});

test('standard input and output are given only to who wants them', async () => {
  async function* stdin() {
    yield Buffer.from('FROM scratch\n');
  }
  let read = '';
  const { request, session, out } = await build(['-q', '-o', '-', '-'], { stdin: stdin() }, async (given) => {
    for await (const chunk of given.stdin!) read += Buffer.from(chunk).toString();
  });
  assert.is(read, 'FROM scratch\n');
  assert.is(request.stdout, session.stdout);
  assert.is(out, '', 'the image ID does not spoil the archive');
  assert.is(session.failure.readSource?.('Dockerfile'), 'FROM scratch\n');
});

test("what can't be done is told before anything is done", async () => {
  const usage: string[][] = [
    [],
    ['a', 'b'],
    [''],
    ['-f', '-', '-'],
    ['-o', '-', '-o', 'type=oci', '.'],
    ['-q', '--progress=plain', '.'],
    ['--allow', 'everything', '.'],
    ['--add-host', 'db', '.'],
    ['--build-arg', '=x', '.'],
    ['--build-context', 'app', '.'],
    ['--network', 'bridge', '.'],
    ['--isolation', 'vm', '.'],
    ['--call', 'outlien', '.'],
    ['--iidfile', '/no/such/folder/iid', '.'],
  ];
  for (const argv of usage) assert.is((await failure(argv)).code, 'ERR_USAGE', argv.join(' '));
  const unsupported = ['--sbom=generator=x'];
  unsupported.push('--policy=x', '--builder=x');
  unsupported.push('--call=subrequests.describe', '--allow=device', '-m=1g');
  for (const flag of unsupported) {
    const error = await failure([flag, '.']);
    assert.is(error.code, 'ERR_UNSUPPORTED', flag);
    assert.ok(error.hint, flag);
  }
  assert.is((await failure(['--platform', 'linux/amd64/v8/x', '.'])).code, 'ERR_PLATFORM');
  const terminal = createCollector({ columns: 80, rows: 24 });
  assert.match((await failure(['-o', '-', '.'], { stdout: terminal.stream })).message, 'terminal');
  assert.match((await failure(['.'], { env: { BUILDKIT_PROGRESS: 'plian' } })).hint!, 'plain');
  assert.match((await failure(['.'], { env: { SLIPWAY_ISOLATION: 'sandbux' } })).hint!, 'sandbox');
});

test('standard output is empty, standard error has the progress and a closing line', async () => {
  const events: BuildEvent[] = [
    { type: 'started', vertex: { id: 'a', name: '[1/1] RUN make' }, time: 5000 },
    { type: 'done', id: 'a', time: 6000 },
  ];
  let now = 5000;
  const { out, err } = await build(['.'], { now: () => now }, (_, onEvent) => {
    for (const event of events) onEvent(event);
    now += 1234;
  });
  assert.is(out, '');
  const closing = `built ${digest} (docker.io/library/app:1) in 1.2 s: 5 steps, 4 from the cache, 1 ran`;
  assert.is(err, `#1 [1/1] RUN make\n#1 DONE 1.0s\n\n${closing}\n`);
});

test('quiet prints the image ID alone, none nothing, rawjson JSON alone', async () => {
  const work = (_: BuildRequest, onEvent: OnEvent) =>
    onEvent({ type: 'started', vertex: { id: 'a', name: 'x' }, time: 0 });
  for (const argv of [['-q'], ['--progress=quiet']]) {
    const quiet = await build([...argv, '.'], {}, work);
    assert.equal([quiet.out, quiet.err], [`${digest}\n`, '']);
  }
  const none = await build(['--progress=none', '.'], {}, work);
  assert.equal([none.out, none.err], ['', '']);
  const raw = await build(['.'], { env: { SLIPWAY_PROGRESS: 'rawjson', BUILDKIT_PROGRESS: 'none' } }, work);
  assert.is(JSON.parse(raw.err).vertexes.length, 1);
});

test('a terminal gets pictures, a dumb one lines', async () => {
  const work = (_: BuildRequest, onEvent: OnEvent) =>
    onEvent({ type: 'started', vertex: { id: 'a', name: 'x' }, time: 0 });
  const terminal = createCollector({ columns: 80, rows: 24 });
  await build(['.'], { stderr: terminal.stream }, work);
  assert.match(terminal.text(), '[+] Building');
  const dumb = createCollector({ columns: 80, rows: 24 });
  await build(['.'], { stderr: dumb.stream, env: { TERM: 'dumb' } }, work);
  assert.match(dumb.text(), /^#1 x\n/);
});

test('outline and targets print a table or JSON', async () => {
  const outline = await build(['--call=outline', '--progress=none', '.']);
  assert.is(
    outline.out,
    'TARGET:        prod\nDESCRIPTION:   the server\n\nBUILD ARG   VALUE   DESCRIPTION\nVERSION     1       of the app\n\nSECRET   REQUIRED\ntoken    true\n',
  );
  const targets = await build(['--call', 'targets', '.']);
  assert.is(targets.out, 'TARGET           DESCRIPTION\nbase\nprod (default)   the server\n');
  const json = await build(['--call', 'targets,format=json', '.']);
  assert.is(JSON.parse(json.out).targets[1].name, 'prod');
});

test('a check prints its findings with their lines, and says by its exit code whether there are any', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-cli-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n  LABEL a=b\n');
    const here = { cwd: folder };
    const rule = '-'.repeat(20);
    const { out, session } = await build(['--check', '.'], here);
    assert.is(
      out,
      `Check complete, 1 warning has been found!\n\nWARNING: SaysLittle - https://docs.docker.com/go/dockerfile/rule/says-little/\nit says little\nDockerfile:2\n${rule}\n   1 |     FROM scratch\n   2 | >>>   LABEL a=b\n${rule}\n`,
    );
    assert.is(session.failure.exitCode, 1);
    const clean = await build(['--call=check', '--target=clean', '.'], here);
    assert.is(clean.out, 'Check complete, no warnings found.\n');
    assert.is(clean.session.failure.exitCode, undefined);
    const json = await build(['--call=lint,format=json,ignorestatus=true', '.'], here);
    assert.is(json.session.failure.exitCode, undefined);
    const { warnings, sources } = JSON.parse(json.out);
    assert.equal(warnings, [
      {
        ruleName: 'SaysLittle',
        description: 'say more',
        url: 'https://docs.docker.com/go/dockerfile/rule/says-little/',
        detail: 'it says little',
        location: { ranges: [{ start: { line: 2, character: 2 }, end: { line: 2, character: 8 } }] },
      },
    ]);
    assert.is(Buffer.from(sources[0].data, 'base64').toString(), 'FROM scratch\n  LABEL a=b\n');
    const broken = await build(['--call=check,format=json', '--target=broken', '.'], here);
    assert.is(broken.session.failure.exitCode, 1);
    assert.equal(JSON.parse(broken.out).buildError, {
      message: 'it cannot be read',
      location: { ranges: [{ start: { line: 2, character: 2 }, end: { line: 2, character: 8 } }] },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('annotations of the command line go to every output that is an image', async () => {
  const flags = ['--annotation=a=1', '--annotation=a=2', '-o=out', '-o=type=oci,dest=x,annotation.b=3'];
  const { request } = await build([...flags, '--load', '.']);
  const options = request.outputs.map((one) => ('options' in one ? one.options : undefined));
  const given = ['1', '2'].map((value) => ({ type: 'manifest', key: 'a', value }));
  assert.equal(options, [
    undefined,
    { annotations: [...given, { type: 'manifest', key: 'b', value: '3' }] },
    { annotations: given },
  ]);
  assert.match((await failure(['--annotation=a=1', '-o=out', '.'])).message, 'images');
});

test('the digest goes to its own file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-cli-'));
  try {
    await build(['--digest-file', 'digest', '.'], { cwd: folder });
    assert.is(readFileSync(join(folder, 'digest'), 'utf8'), result.descriptor?.digest);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the image ID and the metadata are written whole, and leave nothing of an earlier build', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-cli-'));
  try {
    writeFileSync(join(folder, 'iid'), 'old');
    const argv = ['--iidfile', 'iid', '--metadata-file', 'meta.json', '.'];
    await build(argv, { cwd: folder }, () => assert.not(existsSync(join(folder, 'iid'))));
    assert.is(readFileSync(join(folder, 'iid'), 'utf8'), digest);
    assert.equal(JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')), result.metadata);
    assert.equal(readdirSync(folder).sort(), ['iid', 'meta.json']);

    const failing = build(argv, { cwd: folder }, () => {
      throw new SlipwayError('ERR_SYNTAX', 'no');
    });
    await failing.then(
      () => assert.unreachable(),
      () => {},
    );
    assert.equal(readdirSync(folder), []);

    writeFileSync(join(folder, 'target'), 'old');
    symlinkSync('target', join(folder, 'link'));
    await build(['--iidfile', 'link', '.'], { cwd: folder });
    assert.is(readFileSync(join(folder, 'target'), 'utf8'), digest);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a failure knows its step and the text of the Dockerfile', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-cli-'));
  try {
    mkdirSync(join(folder, 'ctx'));
    writeFileSync(join(folder, 'ctx', 'Dockerfile'), 'in the context');
    writeFileSync(join(folder, 'Dockerfile'), 'in the folder');
    const session = createTestSession({ cwd: folder });
    const engine = fakeEngine({}, (_, onEvent) => {
      onEvent({ type: 'started', vertex: { id: 'a', name: 'RUN sleep' }, time: 0 });
      onEvent({ type: 'started', vertex: { id: 'b', name: 'RUN false' }, time: 0 });
      onEvent({ type: 'done', id: 'a', error: 'stopped', canceled: true, time: 1 });
      onEvent({ type: 'done', id: 'b', error: 'exit code 1', time: 1 });
      throw new SlipwayError('ERR_RUN_FAILED', 'it failed');
    });
    await runBuild(['-D', 'ctx'], session, engine).then(
      () => assert.unreachable(),
      () => {},
    );
    assert.is(session.failure.step, 'RUN false');
    assert.is(session.failure.debug, true);
    assert.is(session.failure.readSource?.('Dockerfile'), 'in the context');
    assert.is(session.failure.readSource?.('other'), undefined);
    assert.match(session.err.text(), '#2 ERROR: exit code 1\n');

    const named = createTestSession({ cwd: folder });
    await runBuild(['-f', 'Dockerfile', 'ctx'], named, fakeEngine({}));
    assert.is(named.failure.readSource?.('Dockerfile'), 'in the folder');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the state folder follows the flag, the environment, the user', () => {
  const session = { env: {}, cwd: '/w', uid: 1000, home: '/home/w' };
  assert.is(stateRoot('x', { ...session, env: { SLIPWAY_ROOT: '/y' } }), '/w/x');
  assert.is(stateRoot(undefined, { ...session, env: { SLIPWAY_ROOT: '/y' } }), '/y');
  assert.is(stateRoot(undefined, { ...session, uid: 0 }), '/var/lib/slipway');
  assert.is(stateRoot(undefined, { ...session, env: { XDG_DATA_HOME: '/data' } }), '/data/slipway');
  assert.is(
    stateRoot(undefined, { ...session, env: { XDG_DATA_HOME: 'data' } }),
    '/home/w/.local/share/slipway',
  );
});

test.run();
