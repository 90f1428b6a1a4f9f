// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// What is asked for to what is built: groups, patterns, inheritance, --set, links.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readBake } from '../../src/bake/read-bake.ts';
import { rejects } from '../support/rejects.ts';
import { bakeHcl, bakeInput, printed } from './bake-input.ts';

const test = suite('bake targets');

const file = `
group "default" { targets = ["app", "all"] }
group "all" { targets = ["app", "worker"] }
target "app" {
  args = { A = "1", B = "2" }
  tags = ["app:1"]
  platforms = ["linux/amd64"]
}
target "worker" {
  inherits = ["app"]
  tags = ["worker:1"]
}
`;
const names = async (given?: Parameters<typeof bakeHcl>[1]): Promise<string[]> =>
  (await bakeHcl(file, given)).targets.map(({ name }) => name);

test('groups hold groups, each target once', async () => assert.equal(await names(), ['app', 'worker']));
test('a pattern stands for what it matches', async () => {
  assert.equal(await names({ names: ['w*'] }), ['worker']);
  assert.equal(await names({ names: ['[a]pp'] }), ['app']);
});
test('a target that is not there: did you mean', async () => {
  await rejects(
    bakeHcl(file, { names: ['wroker'] }),
    'ERR_UNKNOWN_TARGET',
    /"wroker"[\s\S]*did you mean worker/,
  );
  await rejects(
    bakeHcl('target "a" {}\n'),
    'ERR_UNKNOWN_TARGET',
    /no group "default"[\s\S]*name what to build: a/,
  );
  await rejects(bakeHcl(file, { names: ['x*'] }), 'ERR_UNKNOWN_TARGET');
});
test('a member of a group that is not there is an error at the group', async () => {
  const error = await rejects(bakeHcl('group "default" {\n targets = ["nope"]\n}\n'), 'ERR_UNKNOWN_TARGET');
  assert.is(error.place?.range.start.line, 1);
});

test('secret-check is inherited, changed from outside, and the last one counts', async () => {
  const text = `
target "_base" { secret-check = "warn" }
target "a" { inherits = ["_base"] }
target "b" {
  inherits = ["_base"]
  secret-check = "off"
}
target "c" {}
group "default" { targets = ["a", "b", "c"] }
`;
  const of = async (...overrides: string[]): Promise<unknown> => {
    const { a, b, c } = await printed(text, { overrides });
    return [a, b, c].map((one) => one?.['secret-check']);
  };
  assert.equal(await of(), ['warn', 'off', undefined]);
  assert.equal(await of('*.secret-check=error', 'b.secret-check=off'), ['error', 'off', 'error']);
});

const set = async (...overrides: string[]) => printed(file, { overrides, env: { FROM_ENV: 'env' } });

test('--set changes one target or those that match', async () => {
  const { app, worker } = await set(
    '*.args.A=9',
    'worker.tags=x:1',
    'worker.tags=y:1',
    'app.tags+=app:2',
    'app.platform=linux/arm64,linux/amd64',
  );
  assert.equal(app.args, { A: '9', B: '2' });
  assert.equal(app.tags, ['app:1', 'app:2']);
  assert.equal(app.platforms, ['linux/arm64', 'linux/amd64']);
  assert.equal(worker.tags, ['x:1', 'y:1']);
});
test('--set of a map, a flag, a list of sets, a text', async () => {
  const { app } = await set(
    'app.labels.a.b=c=d',
    'app.no-cache=true',
    'app.output=type=local,dest=out',
    'app.secrets=id=x,env=Y',
    'app.target=prod',
    'app.contexts.base=docker-image://alpine',
    'app.args.FROM_ENV',
  );
  assert.equal(app.labels, { 'a.b': 'c=d' });
  assert.is(app['no-cache'], true);
  assert.equal(app.output, [{ dest: 'out', type: 'local' }]);
  assert.equal(app.secret, [{ id: 'x', env: 'Y' }]);
  assert.is(app.target, 'prod');
  assert.is(app.args.FROM_ENV, 'env');
});
test('an override of a parent is inherited', async () => {
  assert.is((await set('app.args.A=7')).worker.args.A, '7');
});
test('load adds an image to targets without files', async () => {
  const { app } = await set('app.load=true');
  assert.equal(app.output, [{ type: 'docker' }]);
  assert.equal((await set('app.output=out', 'app.load=true')).app.output, [{ dest: 'out', type: 'local' }]);
});
for (const [override, code, message] of [
  ['app', 'ERR_USAGE', /TARGET\.KEY=VALUE/],
  ['app.tags', 'ERR_USAGE', /TARGET\.KEY=VALUE/],
  ['app.args=1', 'ERR_USAGE', /args\.NAME=VALUE/],
  ['app.tgas=1', 'ERR_USAGE', /did you mean tags/],
  ['ap.tags=1', 'ERR_UNKNOWN_TARGET', /did you mean app/],
  ['app.pull=maybe', 'ERR_USAGE', /pull is true or false/],
] as const) {
  test(`--set ${override} is refused`, async () => {
    await rejects(bakeHcl(file, { overrides: [override] }), code, message);
  });
}

test('a later file adds to maps, and replaces tags and outputs', async () => {
  const plan = await readBake(
    bakeInput({
      'docker-bake.hcl': file,
      'docker-bake.override.hcl': 'target "app" {\n args = { B = "3", C = "4" }\n tags = ["other:1"]\n}\n',
    }),
  );
  const { app } = JSON.parse(plan.print()).target;
  assert.equal(app.args, { A: '1', B: '3', C: '4' });
  assert.equal(app.tags, ['other:1']);
});

test('links are found, also through links; a circle is refused', async () => {
  const text = (last: string): string =>
    `target "a" { contexts = { x = "target:b" } }\ntarget "b" { contexts = { y = "target:c" } }\ntarget "c" { ${last} }\n`;
  const plan = await bakeHcl(text(''), { names: ['a'] });
  assert.equal(
    plan.targets.map(({ name, linked }) => [name, linked]),
    [
      ['a', false],
      ['b', true],
      ['c', true],
    ],
  );
  assert.equal(plan.targets[0]?.links, [{ context: 'x', target: 'b' }]);
  await rejects(
    bakeHcl(text('contexts = { z = "target:a" }'), { names: ['a'] }),
    'ERR_SYNTAX',
    /a → b → c → a/,
  );
  await rejects(
    bakeHcl('target "a" { contexts = { x = "target:bb" } }\ntarget "b" {}\n', { names: ['a'] }),
    'ERR_UNKNOWN_TARGET',
    /"bb"/,
  );
});
test('a linked target must be built for the platforms of what it is linked to', async () => {
  const text =
    'target "a" {\n contexts = { x = "target:b" }\n platforms = ["linux/amd64", "linux/arm64"]\n}\ntarget "b" { platforms = ["linux/amd64", "linux/s390x"] }\n';
  await rejects(bakeHcl(text, { names: ['a'] }), 'ERR_PLATFORM', /linux\/arm64/);
});

test('a matrix without a name that tells its targets apart is refused', async () => {
  await rejects(bakeHcl('target "a" {\n matrix = { x = [1, 2] }\n}\n'), 'ERR_SYNTAX', /two variants/);
  await rejects(bakeHcl('target "a" {\n name = "b"\n}\n'), 'ERR_SYNTAX', /only with a matrix/);
  await rejects(
    bakeHcl('target "a" {\n name = "a.${x}"\n matrix = { x = [1, 2] }\n}\n'),
    'ERR_EXPANSION',
    /no name of a target/,
  );
});

test('a target becomes flags of a build, each with its place', async () => {
  const text =
    'target "default" {\n context = "app"\n dockerfile = "prod.Dockerfile"\n args = { A = "x=y" }\n secret = [{ id = "s", src = "a,b" }]\n contexts = { base = "docker-image://alpine" }\n}\n';
  const [target] = (await bakeHcl(text)).targets;
  assert.is(target?.context, 'app');
  assert.is(target?.dockerfile, 'app/prod.Dockerfile');
  assert.equal(
    target?.settings.map(({ key, flags, place }) => [key, flags, place?.range.start.line]),
    [
      ['args', ['--build-arg', 'A=x=y'], 4],
      ['secret', ['--secret', 'id=s,"src=a,b"'], 5],
      ['contexts', ['--build-context', 'base=docker-image://alpine'], 6],
    ],
  );
});
test('a Dockerfile lies in its context, unless that is elsewhere or it says otherwise', async () => {
  const dockerfile = async (attributes: string): Promise<string | undefined> =>
    (await bakeHcl(`target "default" {\n${attributes}\n}\n`)).targets[0]?.dockerfile;
  assert.is(await dockerfile('context = ".."'), '../Dockerfile');
  assert.is(
    await dockerfile('context = "https://git.test/a.git"\ndockerfile = "b/Dockerfile"'),
    'b/Dockerfile',
  );
  assert.is(await dockerfile('context = "a"\ndockerfile = "/b/Dockerfile"'), '/b/Dockerfile');
  assert.is(await dockerfile('context = "a"\ndockerfile = "cwd://b/Dockerfile"'), 'b/Dockerfile');
  assert.is(await dockerfile('dockerfile-inline = "FROM scratch"'), undefined);
  await rejects(bakeHcl('target "default" {\n context = "-"\n}\n'), 'ERR_USAGE', /standard input/);
});

test('what a target has one of by its id or type is replaced by what it inherits to, and by --set', async () => {
  const text = `
target "base" {
  attest = ["type=provenance,mode=min", "type=sbom"]
  secret = ["id=a,src=x", "id=b,src=x"]
  ssh = ["default", "other=k"]
}
target "default" {
  inherits = ["base"]
  attest = ["type=provenance,mode=max"]
  secret = ["id=a,src=y"]
  ssh = ["default=k"]
}`;
  const { default: target } = await printed(text, { overrides: ['*.attest=type=sbom,disabled=true'] });
  assert.equal(target.attest, [
    { mode: 'max', type: 'provenance' },
    { disabled: true, type: 'sbom' },
  ]);
  assert.equal(target.secret, [
    { id: 'a', src: 'y' },
    { id: 'b', src: 'x' },
  ]);
  assert.equal(target.ssh, [
    { id: 'default', paths: ['k'] },
    { id: 'other', paths: ['k'] },
  ]);
});

test.run();
