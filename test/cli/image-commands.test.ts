// What the commands on stored images print, and what they refuse.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { goTime, humanDuration, humanSize, since } from '../../src/cli/commands/images/human.ts';
import { readFilters, readUntil } from '../../src/cli/commands/images/read-filters.ts';
import { layOut } from '../../src/cli/commands/images/table.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Session } from '../../src/cli/session.ts';
import { hexOf } from '../../src/oci/digest.ts';
import { type ImageBench, imageBench } from '../images/image-bench.ts';
import { createTestSession, type TestSession } from '../support/cli-session.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('image commands');
const now = Date.parse('2026-03-10T12:00:00Z');

async function run(bench: ImageBench, argv: string[], changes: Partial<Session> = {}): Promise<TestSession> {
  const session = createTestSession({
    env: { SLIPWAY_ROOT: bench.root },
    cwd: bench.path,
    now: () => now,
    ...changes,
  });
  await dispatch(argv, session);
  return session;
}

const out = async (bench: ImageBench, ...argv: string[]): Promise<string> =>
  (await run(bench, argv)).out.text();

async function filled(): Promise<ImageBench> {
  const bench = await imageBench();
  await bench.add('app:1.0', {
    created: '2026-03-10T10:00:00Z',
    labels: { tier: 'front' },
    layers: ['a'],
    history: [{ created: '2026-03-10T10:00:00Z', created_by: `RUN ${'x'.repeat(60)}`, comment: 'note' }],
  });
  await bench.add('registry.example.com/db', { created: '2026-02-20T10:00:00Z', layers: ['a', 'b'] });
  await bench.add(undefined, { created: '2025-01-01T10:00:00Z', layers: ['c'] });
  return bench;
}

test('what others wrote into an image steers no terminal, and stays as it is in a pipe', async () => {
  await using bench = await imageBench();
  const note = 'a\u001b[2Jb\u009b31mc';
  await bench.add('app', { labels: { note } });
  const argv = ['inspect', '-f', '{{index .Config.Labels "note"}}', 'app'];
  assert.is(await out(bench, ...argv), `${note}\n`);
  const text: string[] = [];
  const stdout = { isTTY: true, write: (part: string | Uint8Array) => text.push(String(part)) > 0 };
  await run(bench, argv, { stdout: stdout as unknown as Session['stdout'] });
  assert.is(text.join(''), 'abc\n');
  for (const json of [await out(bench, 'inspect', 'app'), await out(bench, 'images', '--format', 'json')]) {
    assert.not.match(json, /[\u001b\u009b]/);
    assert.ok(json.includes('\\u009b'));
  }
});

test('a name with a digest is no tag', async () => {
  await using bench = await imageBench();
  const { manifest } = await bench.add('registry.example.com:5000/app:1');
  const { openStore } = await import('../../src/images/open-store.ts');
  const { images } = openStore({ root: bench.root });
  const digest = `registry.example.com:5000/app@${manifest.digest}`;
  await images.tag(digest, images.resolve('registry.example.com:5000/app:1')!);
  const [shown] = JSON.parse(await out(bench, 'inspect', 'registry.example.com:5000/app:1'));
  assert.equal(shown.RepoTags, ['registry.example.com:5000/app:1']);
  assert.equal(shown.RepoDigests, [digest]);
});

test('images prints the table that docker prints', async () => {
  await using bench = await filled();
  const id = async (name: string): Promise<string> =>
    hexOf((await bench.engine.images.inspect([name]))[0]!.id).slice(0, 12);
  const [dangling] = await bench.engine.images.list({ dangling: true });
  assert.is(
    await out(bench, 'images'),
    [
      'REPOSITORY                TAG       IMAGE ID       CREATED         SIZE',
      `app                       1.0       ${await id('app:1.0')}   2 hours ago     2.05kB`,
      `registry.example.com/db   latest    ${await id('registry.example.com/db')}   2 weeks ago     4.1kB`,
      `<none>                    <none>    ${hexOf(dangling!.id).slice(0, 12)}   14 months ago   2.05kB`,
      '',
    ].join('\n'),
  );
  assert.is(await out(bench, 'ls'), await out(bench, 'images', '-a'));
});

test('images takes a repository, filters, and formats', async () => {
  await using bench = await filled();
  const names = '{{.Repository}}:{{.Tag}}';
  assert.is(await out(bench, 'images', '--format', names, 'app'), 'app:1.0\n');
  assert.is(await out(bench, 'images', '--format', names, 'docker.io/library/app:1.0'), 'app:1.0\n');
  assert.is(
    await out(bench, 'images', '--format', names, 'registry.example.com/*'),
    'registry.example.com/db:latest\n',
  );
  assert.is(await out(bench, 'images', '--format', names, '-f', 'label=tier=front'), 'app:1.0\n');
  assert.is(
    await out(bench, 'images', '--format', names, '-f', 'until=48h'),
    'registry.example.com/db:latest\n<none>:<none>\n',
  );
  assert.is(
    await out(bench, 'images', '--format', 'table {{.Tag}}\\t{{.Size}}', 'app'),
    'TAG       SIZE\n1.0       2.05kB\n',
  );
  assert.is(
    await out(bench, 'images', '--format', '{{range .Platforms}}{{.}}{{end}} {{json .Labels}}', 'app'),
    'linux/amd64 {"tier":"front"}\n',
  );
  const json = JSON.parse(await out(bench, 'images', '--format', 'json', 'app')) as Record<string, unknown>;
  assert.equal(
    [json['Repository'], json['Tag'], json['Size'], json['CreatedAt']],
    ['app', '1.0', '2.05kB', goTime(Date.parse('2026-03-10T10:00:00Z'))],
  );
  assert.match(await out(bench, 'images', '-q', '--no-trunc', 'app'), /^sha256:[0-9a-f]{64}\n$/);
  assert.match(await out(bench, 'images', '--digests', 'app'), /DIGEST +IMAGE ID[\s\S]*sha256:[0-9a-f]{64}/);
});

test('history and inspect speak as docker does', async () => {
  await using bench = await filled();
  const history = (await out(bench, 'history', 'app:1.0')).split('\n');
  assert.is(
    history[0],
    'IMAGE          CREATED       CREATED BY                                      SIZE      COMMENT',
  );
  assert.match(history[1]!, /^[0-9a-f]{12} {3}2 hours ago {3}RUN x{40}… {3}2.05kB {4}note$/);
  assert.match(await out(bench, 'history', '--no-trunc', '--format', '{{.CreatedBy}}', 'app:1.0'), /x{60}/);
  assert.match(await out(bench, 'history', '--human=false', 'app:1.0'), /2026-03-10T10:00:00Z.*2048/);
  const [document] = JSON.parse(await out(bench, 'inspect', 'app:1.0')) as Record<string, unknown>[];
  assert.equal([document!['RepoTags'], document!['Os'], document!['Size']], [['app:1.0'], 'linux', 2048]);
  assert.is(
    await out(bench, 'inspect', '-f', '{{index .Config.Labels "tier"}} {{len .RootFS.Layers}}', 'app:1.0'),
    'front 1\n',
  );
  await rejects(out(bench, 'inspect', '-f', '{{.Nope}}', 'app:1.0'), 'ERR_USAGE', /no field/);
});

test('names and labels of others do not steer a terminal', async () => {
  await using bench = await imageBench();
  await bench.add('app', { labels: { evil: '\x1b[2Jx' } });
  const session = createTestSession({ env: { SLIPWAY_ROOT: bench.root }, now: () => now });
  session.stdout.isTTY = true;
  await dispatch(['images', '--format', '{{index .Labels "evil"}}'], session);
  assert.is(session.out.text(), 'x\n');
});

test('rmi says what it did, and fails for what was not there after the rest', async () => {
  await using bench = await filled();
  await run(bench, ['tag', 'app:1.0', 'second']);
  assert.is(await out(bench, 'rmi', 'second'), 'Untagged: second:latest\n');
  const session = createTestSession({ env: { SLIPWAY_ROOT: bench.root }, now: () => now });
  await rejects(
    dispatch(['rmi', 'nothing', 'app:1.0', 'nor-this'], session),
    'ERR_IMAGE_NOT_FOUND',
    /nothing.*nor-this/s,
  );
  assert.match(session.out.text(), /^Untagged: app:1\.0\nDeleted: sha256:[0-9a-f]{64}\n$/);
  assert.is(await out(bench, 'rmi', '-f', 'nothing'), '');
});

test('archives are neither written to nor read from a terminal', async () => {
  await using bench = await filled();
  const session = createTestSession({ env: { SLIPWAY_ROOT: bench.root } });
  session.stdout.isTTY = true;
  for (const command of ['save', 'export'])
    await rejects(dispatch([command, 'app:1.0'], session), 'ERR_USAGE', /terminal/);
  const stdin = Object.assign((async function* () {})(), { isTTY: true });
  await rejects(run(bench, ['load'], { stdin }), 'ERR_USAGE', /terminal/);
  await rejects(run(bench, ['import', '-'], { stdin }), 'ERR_USAGE', /terminal/);
  await rejects(run(bench, ['import', 'https://example.com/x.tar']), 'ERR_UNSUPPORTED', /curl/);
});

test('save and load pass images from store to store', async () => {
  await using bench = await filled();
  await using other = await imageBench();
  await run(bench, ['save', '-o', 'out.tar', 'app:1.0', 'registry.example.com/db']);
  assert.is(
    await out(other, 'load', '-i', bench.file('out.tar')),
    'Loaded image: app:1.0\nLoaded image: registry.example.com/db:latest\n',
  );
  assert.is(await out(other, 'load', '-q', '-i', bench.file('out.tar')), '');
});

test('du and prune tell sizes by kind and by item; a dry run removes nothing', async () => {
  await using bench = await filled();
  assert.match(await out(bench, 'du'), /^TYPE +TOTAL[\s\S]*Images +3 +2 [\s\S]*\nTotal: /);
  assert.match(await out(bench, 'du', '-v', '--filter', 'type=image'), /^ID +TYPE +RECLAIMABLE/);
  const items = (await out(bench, 'du', '-v', '--format', 'json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.is(items.filter(({ type, reclaimable }) => type === 'image' && reclaimable).length, 1);
  const dry = await out(bench, 'prune', '--dry-run');
  assert.match(dry, /^ID +TYPE +SIZE +LAST USED\n[0-9a-f]{12} +image [\s\S]*\nTotal:\t/);
  const answer = (text: string): Partial<Session> => ({
    stdin: (async function* () {
      yield Buffer.from(text);
    })(),
  });
  await rejects(run(bench, ['prune'], answer('n\n')), 'ERR_USAGE', /--force/);
  await rejects(run(bench, ['prune'], answer('')), 'ERR_USAGE');
  assert.is((await bench.engine.images.list({})).length, 3);
  const pruned = await run(bench, ['prune'], answer('y\n'));
  assert.match(pruned.err.text(), /WARNING!.*\[y\/N\]/);
  assert.is((await bench.engine.images.list({})).length, 2);
  assert.match(await out(bench, 'prune', '-f'), /^Total:\t0B\n$/);
});

test('command lines that make no sense are refused with a way out', async () => {
  await using bench = await imageBench();
  const wrong: [string[], RegExp][] = [
    [['images', 'a', 'b'], /one word too many/],
    [['images', '-f', 'dangling'], /KEY=VALUE/],
    [['images', '-f', 'dangling=perhaps'], /true or false/],
    [['images', '-f', 'danglin=true'], /did you mean dangling/],
    [['images', '-f', 'until=yesterday'], /no time/],
    [['tag', 'a'], /missing/],
    [['rmi'], /missing/],
    [['history'], /missing/],
    [['inspect'], /missing/],
    [['save'], /missing/],
    [['save', '--format', 'zip', 'a'], /can't be/],
    [['load', 'x.tar'], /one word too many[\s\S]*-i PATH/],
    [['import'], /missing/],
    [['export'], /missing/],
    [['du', '--filter', 'type=nothing'], /no such type/],
    [['prune', '-f', '--max-used-space', 'much'], /no size/],
    [['prune', '-f', '--max-used-space', '1g', '--keep-storage', '1g'], /one flag/],
    [['prune', '-f', '--filter', 'id=x'], /no key/],
    [['manifest'], /needs a command/],
    [['manifest', 'crate'], /did you mean create/],
    [['manifest', 'create', 'x'], /missing/],
    [['manifest', 'annotate', '--annotation', 'x', 'l', 'i'], /KEY=VALUE/],
  ];
  for (const [argv, says] of wrong) await rejects(run(bench, argv), 'ERR_USAGE', says);
});

test('each command has help with examples', async () => {
  await using bench = await imageBench();
  for (const name of [
    'images',
    'tag',
    'rmi',
    'history',
    'inspect',
    'save',
    'load',
    'import',
    'export',
    'du',
    'prune',
    'manifest',
  ]) {
    const text = await out(bench, name, '--help');
    assert.match(text, new RegExp(`^Usage: slipway ${name}`));
    assert.match(text, /Examples:\n {2}# /);
  }
  assert.match(await out(bench, 'manifest', 'create', '--help'), /^Usage: slipway manifest create/);
});

test('sizes, times and tables are as docker shows them', () => {
  const sizes: [number, string][] = [
    [0, '0B'],
    [999, '999B'],
    [1000, '1kB'],
    [4_270_000, '4.27MB'],
    [1_234_567_890, '1.23GB'],
  ];
  for (const [bytes, text] of sizes) assert.is(humanSize(bytes), text);
  const second = 1000;
  const hour = 3600 * second;
  const durations: [number, string][] = [
    [0, 'Less than a second'],
    [second, '1 second'],
    [59 * second, '59 seconds'],
    [60 * second, 'About a minute'],
    [59 * 60 * second, '59 minutes'],
    [hour, 'About an hour'],
    [47 * hour, '47 hours'],
    [48 * hour, '2 days'],
    [13 * 24 * hour, '13 days'],
    [14 * 24 * hour, '2 weeks'],
    [60 * 24 * hour, '2 months'],
    [800 * 24 * hour, '2 years'],
  ];
  for (const [time, text] of durations) assert.is(humanDuration(time), text);
  assert.is(since(undefined, 0), 'N/A');
  assert.match(goTime(Date.parse('2026-03-01T12:00:00Z')), /^2026-0[23]-\d\d \d\d:\d\d:00 [+-]\d{4} /);
  assert.is(
    layOut(['A\tBB\tC', 'long enough\tb\tc']),
    'A             BB        C\nlong enough   b         c\n',
  );
});

test('filters and moments are read as docker reads them', async () => {
  assert.equal(readFilters(['label=a=b', 'label=c'], ['label']), { label: ['a=b', 'c'] });
  assert.is(await readUntil(['1h30m'], now), now - 5_400_000);
  assert.is(await readUntil(['1700000000'], now), 1_700_000_000_000);
  assert.is(await readUntil(['2026-03-01T00:00:00Z'], now), Date.parse('2026-03-01T00:00:00Z'));
  assert.is(await readUntil(['1h', '2h'], now), now - 7_200_000);
});

test.run();
