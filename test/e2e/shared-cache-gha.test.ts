// Caches in GitHub Actions from end to end: what a new machine finds, how little is asked of the service, and what it does when that fails.
import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { haveBusybox } from '../support/busybox-base.ts';
import { type CacheBench, cacheBench } from '../support/cache-bench.ts';
import { type GhaKind, type GhaServer, startGhaServer } from '../support/gha-server.ts';
import { requireFeature } from '../support/require-feature.ts';
import { filesWith, formsOf } from '../support/secret-leaks.ts';

const test = suite('shared caches in GitHub Actions');

interface Job extends AsyncDisposable {
  server: GhaServer;
  bench: CacheBench;
  token: string;
}

async function job(files: Record<string, string>): Promise<Job> {
  const server = await startGhaServer();
  const token = server.token(['refs/heads/main']);
  const env = {
    ACTIONS_RESULTS_URL: server.url,
    ACTIONS_RUNTIME_TOKEN: token,
    ACTIONS_CACHE_SERVICE_V2: 'True',
  };
  const bench = await cacheBench(files, env);
  return {
    server,
    bench,
    token,
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]();
      await server.stop();
      assert.equal(server.complaints, []);
    },
  };
}

/** The kinds of requests since it was last asked. */
function requestsOf(server: GhaServer): GhaKind[] {
  return server.requests.splice(0);
}

async function failure(
  work: Promise<unknown>,
): Promise<{ code: string; message: string; hint?: string | undefined }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isSlipwayError(error), String(error));
  return error;
}

const many = Array.from({ length: 20 }, (_, index) => `f${index}`);
const files = {
  Dockerfile: ['FROM scratch', ...many.map((name) => `COPY ${name} /`)].join('\n'),
  ...Object.fromEntries(many.map((name) => [name, `the file ${name}`])),
};
const stages = {
  Dockerfile: [
    'FROM base AS one',
    'RUN cat /proc/sys/kernel/random/uuid > /id1',
    'FROM base',
    'COPY a.txt /',
    'COPY --from=one /id1 /',
    'RUN cat /id1 a.txt > /both',
  ].join('\n'),
  'a.txt': 'a',
};
const to = '--cache-to=type=gha,mode=max';
const from = '--cache-from=type=gha';

test('a new machine runs nothing, and asks for two things; what it needs the bytes of, it asks for alone', async () => {
  await using one = await job(stages);
  const { bench, server } = one;
  const first = await bench.build('a', [to]);
  assert.is(first.ran.length, 4);
  requestsOf(server);
  const second = await bench.build('b', [from, '--output=type=cacheonly']);
  assert.equal(second.ran, []);
  assert.match(second.log, /CACHED from gha:slipway/);
  assert.equal(requestsOf(server), ['find', 'get']);
  const third = await bench.build('c', [from]);
  assert.equal(third.ran, []);
  assert.is(third.text('/both'), first.text('/both'));
  // The pack, and the layers of the result: that of the stage that lent a file is not among them.
  const asked = requestsOf(server);
  assert.equal(asked.slice(0, 3), ['find', 'get', 'find']);
  assert.equal(asked.slice(3), ['get', 'get', 'get']);
});

test('an export of twenty layers asks the service for two entries, and one of nothing new for none', async () => {
  await using one = await job(files);
  const { bench, server } = one;
  const first = await bench.build('a', [from, to]);
  assert.is(first.ran.length, 20);
  assert.equal(requestsOf(server), ['find', 'create', 'put', 'finish', 'find', 'create', 'put', 'finish']);
  const again = await bench.build('b', [from, to, '--output=type=cacheonly']);
  assert.equal(again.ran, []);
  assert.equal(requestsOf(server), ['find', 'get', 'find']);
  await bench.write({ f19: 'another' });
  const changed = await bench.build('b', [from, to, '--output=type=cacheonly']);
  assert.equal(changed.ran, ['COPY f19 /']);
  // The storage is asked for each layer that the step runs on; the service, which limits requests, is not.
  const asked = requestsOf(server).filter((kind) => ['find', 'create', 'finish'].includes(kind));
  assert.equal(asked, ['find', 'find', 'create', 'finish', 'find', 'create', 'finish']);
  assert.equal((await bench.build('c', [from])).ran, []);
});

test('what was evicted is made anew, and brought there again', async () => {
  await using one = await job(stages);
  const { bench, server } = one;
  await bench.build('a', [to]);
  server.evict('slipway-pack-');
  const healed = await bench.build('b', [from, to]);
  assert.ok(healed.ran.length > 0 && healed.text('/both').length > 30);
  requestsOf(server);
  const third = await bench.build('c', [from]);
  assert.equal(third.ran, []);
  assert.is(third.text('/both'), healed.text('/both'));
  server.evict('slipway-');
  assert.match((await bench.build('d', [from])).log, /gha:slipway is not used: there is no such cache/);
});

test('other bytes than those that were sent cost a step and no build', async () => {
  await using one = await job(files);
  const { bench, server } = one;
  await bench.build('a', [to]);
  const pack = server.entries.find(({ key }) => key.includes('-pack-'))!;
  pack.blob.content!.fill(0x2a);
  const second = await bench.build('b', [from]);
  assert.is(second.text('/f7'), 'the file f7');
  assert.ok(second.ran.length > 0);
});

test('a service that throttles, or refuses the token, is a warning; with ignore-error=false it fails the build', async () => {
  await using one = await job({ Dockerfile: 'FROM scratch\nCOPY a /', a: 'a' });
  const { bench, server } = one;
  server.fault = () => ({ status: 429, headers: { 'retry-after': '3600' } });
  const build = await bench.build('a', [from, to]);
  assert.match(build.log, /gha:slipway is not used: .*429/);
  assert.match(build.log, /can't be exported to gha:slipway: .*429/);
  const error = await failure(bench.build('a', [`${to},ignore-error=false`]));
  assert.is(error.code, 'ERR_EXPORT');
  server.fault = undefined;
  server.revoke();
  assert.match((await bench.build('b', [from, to])).log, /answered 401/);
  const gone = await bench.build('c', [`${from},url_v2=http://127.0.0.1:9/`]);
  assert.match(gone.log, /gha:slipway is not used: can't reach 127.0.0.1:9/);
});

test('outside of GitHub Actions it is a warning, too', async () => {
  await using bench = await cacheBench({ Dockerfile: 'FROM scratch\nCOPY a /', a: 'a' });
  const build = await bench.build('a', [from, to]);
  assert.match(build.log, /gha:slipway is not used: this is no step of GitHub Actions/);
  assert.match(build.log, /can't be exported to gha:slipway: this is no step of GitHub Actions/);
  assert.is((await failure(bench.build('a', [`${to},ignore-error=false`]))).code, 'ERR_EXPORT');
});

test('jobs that export at the same time do not erase each other', async () => {
  const Dockerfile = ['a', 'b', 'c'].map((name) => `FROM scratch AS ${name}\nCOPY ${name} /`).join('\n');
  await using one = await job({ Dockerfile, a: 'a', b: 'b', c: 'c' });
  const { bench } = one;
  await Promise.all(['a', 'b', 'c'].map((name) => bench.build(name, [`--target=${name}`, from, to])));
  for (const name of ['a', 'b', 'c'])
    assert.equal((await bench.build(`new-${name}`, [`--target=${name}`, from])).ran, []);
});

test('targets of one bake share their packs, and each is found', async () => {
  await using one = await job({
    Dockerfile: 'ARG F\nFROM scratch\nARG F\nCOPY $F /',
    x: 'x',
    y: 'y',
    z: 'z',
  });
  const { bench, server } = one;
  const context = JSON.stringify(bench.file('context'));
  const target = (name: string): string =>
    `target ${name} {\n context = ${context}\n args = { F = "${name}" }\n output = ["type=cacheonly"]\n` +
    ' cache-from = ["type=gha,scope=bake"]\n cache-to = ["type=gha,scope=bake,mode=max"]\n}\n';
  const names = ['x', 'y', 'z'];
  const group = `group default {\n targets = ${JSON.stringify(names)}\n}\n`;
  writeFileSync(bench.file('docker-bake.hcl'), group + names.map(target).join(''));
  assert.match(await bench.bake('a'), /3 steps, 0 from the cache, 3 ran/);
  requestsOf(server);
  const again = await bench.bake('b');
  assert.match(again, /3 steps, 3 from the cache, 0 ran/);
  assert.not.match(again, /WARN|warning/i);
  for (const name of names)
    assert.equal(
      (await bench.build(`new-${name}`, [`--build-arg=F=${name}`, '--cache-from=type=gha,scope=bake'])).text(
        `/${name}`,
      ),
      name,
    );
  assert.not.ok(requestsOf(server).includes('create'));
});

test('a cache mount goes along', async () => {
  await using one = await job({
    Dockerfile: 'FROM base\nARG N\nRUN --mount=type=cache,target=/c echo $N >> /c/log && cp /c/log /log',
  });
  const { bench, server } = one;
  const mounts = `${to},mounts=true`;
  await bench.build('a', ['--build-arg=N=1', from, mounts]);
  const second = await bench.build('b', ['--build-arg=N=2', from, mounts]);
  assert.is(second.text('/log'), '1\n2\n');
  server.evict('slipway-pack-');
  const third = await bench.build('c', ['--build-arg=N=3', from, mounts]);
  assert.is(third.text('/log'), '3\n');
  assert.match(third.log, /begins empty/);
  assert.is((await bench.build('d', ['--build-arg=N=4', from])).text('/log'), '3\n4\n');
});

test('the token is in nothing that is told or kept, and no layer may hold it', async () => {
  await using one = await job({ Dockerfile: 'FROM scratch\nCOPY a /', a: 'a' });
  const { bench, server, token } = one;
  const report = bench.file('report.json');
  const build = await bench.build('a', [from, to, `--cache-report=${report}`]);
  server.fault = (kind) => (kind === 'create' ? { status: 403 } : undefined);
  await bench.write({ a: 'b' });
  const refused = await bench.build('a', [from, to]);
  for (const form of formsOf(token))
    assert.not.ok(`${build.log}${refused.log}${readFileSync(report, 'utf8')}`.includes(form));
  assert.not.match(`${build.log}${refused.log}`, /sig=|signature/);
  assert.equal(filesWith(formsOf(token), bench.path), []);
  for (const { blob } of server.entries) assert.not.ok(blob.content?.includes(token));
  writeFileSync(bench.file('context/a'), `TOKEN=${token}`);
  assert.is((await failure(bench.build('b', [to]))).code, 'ERR_SECRET');
});

if (requireFeature('busybox-static', haveBusybox)) test.run();
