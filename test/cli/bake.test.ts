// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// `slipway bake` up to the engine: files, flags, requests, and errors with target, key and place.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type BakeEngine, runBakeCommand } from '../../src/cli/commands/bake.ts';
import type { BakeRequest, BakeResult, ContextFiles } from '../../src/index.ts';
import { createTestSession, type TestSession } from '../support/cli-session.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('cli bake');

interface Run {
  session: TestSession;
  request: BakeRequest | undefined;
  /** What was checked. */
  called: { context: string; contexts: string[] }[];
  /** Those of standard input, by target. */
  dockerfiles: Record<string, string>;
  /** What files were asked for. */
  asked: [url: string, paths: string[]][];
}

/** Bakes in a folder with these files, with an engine that only notes what it is asked for. */
async function bake(
  files: Record<string, string>,
  argv: readonly string[],
  changes: Partial<TestSession> = {},
  remote?: ContextFiles,
): Promise<Run> {
  await using dir = await tempDir();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir.path, name)), { recursive: true });
    await writeFile(join(dir.path, name), text);
  }
  const run: Run = {
    session: createTestSession({ cwd: dir.path, ...changes }),
    request: undefined,
    called: [],
    asked: [],
    dockerfiles: {},
  };
  const result = (request: BakeRequest): BakeResult => ({
    steps: { total: 3, cached: 1, ran: 2 },
    targets: request.targets.map(({ name }) => ({
      name,
      result: {
        imageID: 'sha256:0' as never,
        descriptor: undefined,
        names: [],
        steps: { total: 3, cached: 1, ran: 2 },
        metadata: { of: name },
      },
    })),
  });
  const engine: BakeEngine = {
    explain: () => Promise.reject(new Error('nothing was asked to be explained')),
    async bake(request) {
      run.request = request;
      for (const { name, request: one } of request.targets) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of one.stdin ?? []) chunks.push(chunk);
        run.dockerfiles[name] = Buffer.concat(chunks).toString();
      }
      return result(request);
    },
    async contextFiles({ request, paths }) {
      run.asked.push([request.context, paths]);
      return remote ?? { kind: 'file', text: '' };
    },
    async check({ context, buildContexts }) {
      run.called.push({ context, contexts: buildContexts.map(({ name }) => name) });
      const range = { start: { line: 1, column: 1 }, end: { line: 1, column: 5 } };
      const place = { file: 'Dockerfile', range };
      const finding = {
        rule: 'Odd',
        description: 'about',
        message: 'is odd',
        severity: 'warning',
        place,
      } as const;
      return { findings: context === '.' ? [] : [finding], failed: false };
    },
    async outline({ context }) {
      return { name: context, description: '', args: [], secrets: [], ssh: [] };
    },
    async targets() {
      return { targets: [{ name: 'prod', description: '', base: 'scratch', platform: '', default: true }] };
    },
  };
  await runBakeCommand(['--progress=plain', ...argv], run.session, () => engine);
  return run;
}

const hcl = `
variable "TAG" { default = "1" }
group "default" { targets = ["app", "worker"] }
target "base" { dockerfile-inline = "FROM scratch" }
target "app" {
  context = "src"
  contexts = { parent = "target:base", lib = "../lib" }
  args = { VERSION = TAG }
  tags = ["app:\${TAG}"]
  platforms = ["linux/arm64"]
}
target "worker" {
  output = ["type=oci,dest=worker.tar"]
}
`;

test('targets become requests; linked ones export nothing', async () => {
  const { request, session } = await bake({ 'docker-bake.hcl': hcl }, [], { env: { TAG: '2' } });
  assert.equal(
    request?.targets.map(({ name }) => name),
    ['app', 'worker', 'base'],
  );
  const [app, worker, base] = request!.targets;
  assert.equal(app?.links, [{ context: 'parent', target: 'base' }]);
  assert.equal(app?.request.buildContexts, [{ name: 'lib', value: '../lib' }]);
  assert.equal(app?.request.buildArgs, { VERSION: '2' });
  assert.equal(app?.request.tags, ['app:2']);
  assert.is(app?.request.dockerfile, 'src/Dockerfile');
  assert.equal(app?.request.platforms, [{ os: 'linux', architecture: 'arm64' }]);
  assert.equal(app?.request.outputs, [{ type: 'image' }]);
  assert.is(worker?.request.outputs[0]?.type, 'oci');
  assert.is(base?.request.dockerfile, '-');
  assert.equal(base?.request.outputs, [{ type: 'cacheonly' }]);
  assert.match(session.err.text(), /built 2 targets \(app, worker\).*3 steps, 1 from the cache, 2 ran/);
});

test('flags change every target', async () => {
  const { request } = await bake({ 'docker-bake.hcl': hcl }, [
    '--no-cache',
    '--pull',
    '--var',
    'TAG=9',
    '--set',
    'app.args.MORE=x',
    '--load',
    'app',
    'worker',
  ]);
  const [app, worker] = request!.targets;
  assert.equal([app?.request.noCache, app?.request.pull, worker?.request.noCache], [true, true, true]);
  assert.equal(app?.request.buildArgs, { VERSION: '9', MORE: 'x' });
  assert.equal(
    worker?.request.outputs.map(({ type }) => type),
    ['oci', 'image'],
  );
});

test('files of the usual names are merged in their order; --file reads others, - standard input', async () => {
  const files = {
    'compose.yaml': 'services:\n  app:\n    build:\n      args: { A: "${A}", B: 2 }\n',
    '.env': 'A=dot\n',
    'docker-bake.json': '{"target": {"app": {"args": {"B": 3}}}}',
    'docker-bake.override.hcl': 'target "app" { args = { C = 4 } }\n',
    'other/bake.hcl': 'target "default" { target = "x" }\n',
  };
  assert.equal((await bake(files, [])).request?.targets[0]?.request.buildArgs, { A: 'dot', B: '3', C: '4' });
  assert.is((await bake(files, ['-f', 'other/bake.hcl'])).request?.targets[0]?.request.target, 'x');
  const stdin = (async function* () {
    yield Buffer.from('{"target": {"default": {"target": "y"}}}');
  })();
  assert.is((await bake({}, ['-f', '-'], { stdin })).request?.targets[0]?.request.target, 'y');
});

test('--print and --list print, and build nothing', async () => {
  const { request, session } = await bake({ 'docker-bake.hcl': hcl }, ['--print', 'worker']);
  assert.is(request, undefined);
  assert.equal(JSON.parse(session.out.text()).target.worker.output, [{ dest: 'worker.tar', type: 'oci' }]);
  const listed = await bake({ 'docker-bake.hcl': hcl }, ['--list=variables']);
  assert.is(listed.session.out.text(), 'VARIABLE   TYPE   VALUE   DESCRIPTION\nTAG               1\n');
  const json = await bake({ 'docker-bake.hcl': hcl }, ['--list=type=targets,format=json']);
  assert.equal(JSON.parse(json.session.out.text())[0], { name: 'app', description: '' });
});

test('resources of a target are those of its steps, joined key by key and printed as docker does', async () => {
  const hcl = `target "base" { resources = { memory = "1g", cpu-quota = 50000 } }
target "default" {
  inherits = ["base"]
  resources = { memory = "2g", cpuset-cpus = "0,1" }
}
`;
  const { request } = await bake({ 'docker-bake.hcl': hcl }, ['--set', '*.resources.cpu-shares=512']);
  assert.equal(request?.targets[0]?.request.resources, {
    ...{ cpuQuota: 50_000, cpuShares: 512, cpusetCpus: '0,1', memory: 2 ** 31 },
  });
  const printed = await bake({ 'docker-bake.hcl': hcl }, ['--print']);
  assert.equal(JSON.parse(printed.session.out.text()).target.default.resources, {
    ...{ 'cpu-quota': 50_000, 'cpuset-cpus': '0,1', memory: '2g' },
  });
});

for (const [title, attribute, argv, code, message] of [
  ['an output that is not there', 'output = ["type=nix"]', [], 'ERR_USAGE', /target default, output: /],
  [
    'a method that is not supported',
    'call = "subrequests.describe"',
    [],
    'ERR_UNSUPPORTED',
    /target default, call: /,
  ],
  [
    'a method that is none',
    'call = "outlien"',
    ['--set=*.tags=a'],
    'ERR_USAGE',
    /target default, call: [\s\S]*outline/,
  ],
  ['how a method is answered', 'call = "outline,format=json"', [], 'ERR_USAGE', /--call=outline,format=json/],
  ['a right that is none', 'entitlements = ["foo"]', ['--allow=network.host'], 'ERR_USAGE', /no right "foo"/],
  [
    'a right over files',
    'entitlements = ["fs.read=/tmp"]',
    ['--allow=fs.read=/tmp'],
    'ERR_USAGE',
    /no right/,
  ],
  [
    'a resource that is none',
    'resources = { memroy = "1g" }',
    [],
    'ERR_USAGE',
    /target default, resources: /,
  ],
  ['a policy', 'policy = ["policy.rego"]', [], 'ERR_UNSUPPORTED', /target default, policy: /],
  [
    'a limit that is none',
    'ulimits = ["nofiles=1"]',
    [],
    'ERR_USAGE',
    /target default, ulimits: .*\n?.*nofile/,
  ],
  ['a platform that is none', 'platforms = ["a/b/c/d"]', [], 'ERR_PLATFORM', /target default, platforms: /],
  [
    'a check that is none',
    'secret-check = "warm"',
    [],
    'ERR_USAGE',
    /target default, secret-check: [\s\S]*did you mean warn/,
  ],
  ['a size that is none', 'shm-size = "much"', [], 'ERR_USAGE', /target default, shm-size: /],
  [
    'the host network',
    'network = "host"',
    [],
    'ERR_NOT_ALLOWED',
    /target default asks for network.host[\s\S]*--allow network.host/,
  ],
  [
    'a right',
    'entitlements = ["security.insecure"]',
    ['--allow=network.host'],
    'ERR_NOT_ALLOWED',
    /security.insecure/,
  ],
] as const) {
  test(`${title} is an error at its place`, async () => {
    const error = await rejects(
      bake({ 'docker-bake.hcl': `target "default" {\n  ${attribute}\n}\n` }, argv),
      code,
      message,
    );
    assert.is(error.place?.file, 'docker-bake.hcl');
    assert.equal(error.place?.range.start, { line: 2, column: 3 });
  });
}

const called = `
group "default" { targets = ["zoo", "app"] }
target "base" { context = "base" }
target "app" {
  context = "src"
  description = "the app"
  contexts = { parent = "target:base" }
}
target "zoo" { call = "outline" }
`;

test('a check of all targets builds nothing, answers by name, and tells of findings by its exit code', async () => {
  const run = await bake({ 'docker-bake.hcl': called }, ['--check', '--metadata-file=m.json']);
  assert.is(run.request, undefined);
  assert.equal(run.called, [
    { context: 'src', contexts: ['parent'] },
    { context: 'base', contexts: [] },
    { context: '.', contexts: [] },
  ]);
  const finding =
    'Check complete, 1 warning has been found!\n\nWARNING: Odd - https://docs.docker.com/go/dockerfile/rule/odd/\nis odd\nDockerfile:1\n';
  assert.is(
    run.session.out.text(),
    `app\nthe app\n\n${finding}\nbase\n\n${finding}\nzoo\n\nCheck complete, no warnings found.\n`,
  );
  assert.is(run.session.failure.exitCode, 1);
});

test('a check without findings, or whose status is ignored, is a success', async () => {
  const clean = await bake({ 'docker-bake.hcl': called }, ['--check', 'zoo']);
  assert.is(clean.session.failure.exitCode, undefined);
  const ignored = await bake({ 'docker-bake.hcl': called }, ['--call=check,ignorestatus=true']);
  assert.is(ignored.session.failure.exitCode, undefined);
  assert.match(ignored.session.out.text(), /is odd/);
});

test('as JSON, what is said of each target stands beside its definition', async () => {
  const { session } = await bake({ 'docker-bake.hcl': called }, ['--call=targets,format=json']);
  const { group, target } = JSON.parse(session.out.text());
  assert.equal(group, { default: { targets: ['app', 'zoo'] } });
  assert.equal(Object.keys(target), ['app', 'base', 'zoo']);
  assert.is(target.app.build.call, 'targets');
  assert.is(target.app.build.context, 'src');
  assert.is(target.zoo.targets.targets[0].name, 'prod');
  const check = await bake({ 'docker-bake.hcl': called }, ['--call=check,format=json', 'app']);
  const app = JSON.parse(check.session.out.text()).target.app;
  assert.is(app.build.call, 'lint');
  assert.is(app.check.warnings[0].ruleName, 'Odd');
  assert.is(check.session.failure.exitCode, 1);
});

test('a call of one target alone leaves the others to be built, and what they are linked to', async () => {
  const run = await bake({ 'docker-bake.hcl': called }, ['--metadata-file=m.json', '--set=base.call=check']);
  assert.equal(
    run.request?.targets.map(({ name }) => name),
    ['app', 'base'],
  );
  assert.is(
    run.session.out.text(),
    'base\n\nCheck complete, 1 warning has been found!\n\nWARNING: Odd - https://docs.docker.com/go/dockerfile/rule/odd/\nis odd\nDockerfile:1\n\nzoo\n\nTARGET:   .\n',
  );
  assert.match(run.session.err.text(), /built 1 target \(app\)/);
});

test('--call=build takes nothing away, and jobs for a CI engine only build', async () => {
  const run = await bake({ 'docker-bake.hcl': called }, ['--call=build', 'zoo']);
  assert.match(run.session.out.text(), /TARGET/);
  await rejects(bake({ 'docker-bake.hcl': called }, ['--plan=github']), 'ERR_USAGE', /target zoo has call/);
});

const far = `
target "default" {
  context = "app"
  contexts = { all = ".", docs = "docs", here = "cwd://lib", other = "docker-image://busybox" }
}
target "own" {
  context = BAKE_CMD_CONTEXT
  dockerfile-inline = "FROM scratch"
}
target "mixed" { dockerfile = "cwd://Local" }
`;
/** A repository that has a docker-bake.hcl. */
const remote = (text: string): ContextFiles => ({
  kind: 'git',
  texts: [...Array.from({ length: 5 }, () => undefined), text],
});

test('a definition of a repository: its paths are there, cwd:// is here', async () => {
  const url = 'https://git.test/app.git#v1';
  const env = { BUILDX_BAKE_GIT_AUTH_TOKEN: 'open' };
  const run = await bake({ Local: 'FROM busybox' }, [url, 'default', 'own', 'mixed'], { env }, remote(far));
  assert.is(run.asked[0]?.[0], url);
  assert.is(run.asked[0]?.[1][0], 'compose.yaml');
  const [main, own, mixed] = run.request!.targets.map(({ request }) => request);
  assert.is(main?.context, 'https://git.test/app.git#v1:app');
  assert.is(main?.dockerfile, 'Dockerfile');
  assert.equal(
    main?.buildContexts.map(({ name, value }) => `${name} ${value}`),
    [
      'all https://git.test/app.git#v1',
      'docs https://git.test/app.git#v1:docs',
      'here lib',
      'other docker-image://busybox',
    ],
  );
  assert.equal(main?.secrets, [{ id: 'GIT_AUTH_TOKEN', type: 'env', name: 'BUILDX_BAKE_GIT_AUTH_TOKEN' }]);
  assert.is(own?.context, '.');
  assert.equal(own?.secrets, []);
  assert.is(mixed?.context, url);
  assert.is(mixed?.dockerfile, '-');
  assert.is(run.dockerfiles['mixed'], 'FROM busybox');
  const printed = await bake({}, [url, '--print', 'default', 'own', 'mixed'], {}, remote(far));
  const { target } = JSON.parse(printed.session.out.text());
  assert.equal([target.default.context, target.own.context, target.mixed.context], ['app', '.', url]);
});

test('files of the repository come first, those of this machine over them', async () => {
  const here = { 'local.hcl': 'target "default" { tags = ["mine:1"] }' };
  const run = await bake(
    here,
    ['-f', 'cwd://local.hcl', '-f', 'other.hcl', 'ssh://git@git.test/app.git'],
    {},
    { kind: 'git', texts: ['target "default" { tags = ["theirs:1"] }'] },
  );
  assert.equal(run.asked, [['ssh://git@git.test/app.git', ['other.hcl']]]);
  assert.equal(run.request?.targets[0]?.request.tags, ['mine:1']);
  assert.is(run.request?.targets[0]?.request.context, 'ssh://git@git.test/app.git');
});

test("a second URL is the command's own context; a URL that is one file leaves paths here", async () => {
  const run = await bake({}, ['git@git.test:app.git', 'https://git.test/b.git', 'own'], {}, remote(far));
  assert.is(run.request?.targets[0]?.request.context, 'https://git.test/b.git');
  const file = await bake({}, ['https://git.test/docker-bake.hcl'], {}, { kind: 'file', text: far });
  assert.is(file.request?.targets[0]?.request.context, 'app');
});

for (const [title, attribute, code, message] of [
  ['a context outside of the repository', 'context = "../x"', 'ERR_USAGE', /lies outside of/],
  [
    'a Dockerfile there for a context here',
    'context = "cwd://."',
    'ERR_UNSUPPORTED',
    /dockerfile = "cwd:\/\/Dockerfile"/,
  ],
  [
    'a secret',
    'secret = ["id=s,src=/etc/passwd"]',
    'ERR_NOT_ALLOWED',
    /read \/etc\/passwd[\s\S]*--allow fs.read=\/etc/,
  ],
  ['a context here', 'contexts = { c = "cwd://../x" }', 'ERR_NOT_ALLOWED', /read \.\.\/x/],
  ['an output', 'output = ["type=local,dest=/srv/out"]', 'ERR_NOT_ALLOWED', /write \/srv\/out/],
  ['a cache', 'cache-to = ["type=local,dest=../cache"]', 'ERR_NOT_ALLOWED', /write \.\.\/cache/],
  ['a Dockerfile', 'dockerfile = "cwd://../Dockerfile"', 'ERR_NOT_ALLOWED', /read \.\.\/Dockerfile/],
  ['an agent', 'ssh = ["default"]', 'ERR_NOT_ALLOWED', /--allow ssh/],
] as const) {
  test(`a definition from elsewhere gets no more of this machine than the current folder: ${title}`, async () => {
    const text = remote(`target "default" {\n  ${attribute}\n}\n`);
    const env = { SSH_AUTH_SOCK: '/tmp/agent' };
    await rejects(bake({}, ['https://git.test/app.git'], { env }, text), code, message);
    if (code !== 'ERR_NOT_ALLOWED') return;
    const allowed = ['--allow=fs=*', '--allow=ssh', 'https://git.test/app.git'];
    if (title === 'a Dockerfile') return;
    assert.is((await bake({}, allowed, { env }, text)).request?.targets.length, 1);
  });
}

test('BUILDX_BAKE_FILE names files where --file does not', async () => {
  const files = { 'a.hcl': 'target "a" {}', 'b.hcl': 'target "b" {}', 'docker-bake.hcl': 'target "c" {}' };
  const names = async (argv: string[], env: Record<string, string>): Promise<unknown> =>
    (await bake(files, argv, { env })).request?.targets.map(({ name }) => name);
  assert.equal(await names(['*'], { BUILDX_BAKE_FILE: 'a.hcl: b.hcl' }), ['a', 'b']);
  assert.equal(await names(['*'], { BUILDX_BAKE_FILE: 'a.hcl,b.hcl', BUILDX_BAKE_PATH_SEPARATOR: ',' }), [
    'a',
    'b',
  ]);
  assert.equal(await names(['-f', 'b.hcl', '*'], { BUILDX_BAKE_FILE: 'a.hcl' }), ['b']);
  const env = { BUILDX_BAKE_FILE: 'docker-bake.hcl' };
  const plan = await bake(
    { 'docker-bake.hcl': 'target "c" { tags = ["r.test/c:1"] }' },
    ['--plan=github', 'c'],
    { env },
  );
  assert.match(plan.session.out.text(), /slipway bake --file docker-bake.hcl/);
  await rejects(names([], { BUILDX_BAKE_FILE: 'none.hcl' }), 'ERR_USAGE', /no file none.hcl/);
});

test('a repository without a bake file, and jobs for a definition from elsewhere', async () => {
  const none: ContextFiles = { kind: 'git', texts: [] };
  await rejects(bake({}, ['https://git.test/app.git'], {}, none), 'ERR_USAGE', /no bake file in https/);
  await rejects(
    bake({}, ['-f', 'a.hcl', 'https://git.test/app.git'], {}, none),
    'ERR_USAGE',
    /no file a.hcl in/,
  );
  const jobs = ['--plan=github', 'https://git.test/app.git'];
  await rejects(bake({}, jobs, {}, remote(far)), 'ERR_USAGE', /clone https:\/\/git.test\/app.git/);
});

test('what is allowed is passed on', async () => {
  const text = 'target "default" {\n network = "host"\n entitlements = ["security.insecure"]\n}\n';
  const { request } = await bake({ 'docker-bake.hcl': text }, [
    '--allow=network.host,security.insecure',
    '--allow=fs.read=/tmp',
  ]);
  assert.equal([...request!.targets[0]!.request.allow].sort(), ['network.host', 'security.insecure']);
  await rejects(bake({ 'docker-bake.hcl': text }, ['--allow=netwrok.host']), 'ERR_USAGE', /did you mean/);
});

for (const [argv, code, message] of [
  [[], 'ERR_USAGE', /no bake file/],
  [['-f', 'none.hcl'], 'ERR_USAGE', /no file none.hcl/],
  [['-f', 'https://git.test/app.git'], 'ERR_USAGE', /slipway bake https:/],
  [['--call=outlien'], 'ERR_USAGE', /did you mean outline/],
  [['--list=x'], 'ERR_USAGE', /targets, variables/],
  [['--var', 'x'], 'ERR_USAGE', /NAME=VALUE/],
] as const) {
  test(`bake ${argv.join(' ')}: ${code}`, async () => {
    await rejects(bake({}, argv), code, message);
  });
}

test('two targets cannot both go to standard output', async () => {
  const text =
    'group "default" { targets = ["a", "b"] }\ntarget "a" { output = ["-"] }\ntarget "b" { output = ["-"] }\n';
  await rejects(bake({ 'docker-bake.hcl': text }, []), 'ERR_USAGE', /only one target/);
});

test.run();
