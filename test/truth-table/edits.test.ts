// The truth table of Dockerfiles, flags and bases, proved by real builds: all rows in one, before and after.
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheReport } from '../../src/index.ts';
import { commitFiles, hasGit, publish, startGitServer } from '../support/git-server.ts';
import { requireFeature } from '../support/require-feature.ts';
import { requireWorkbench, workbench } from '../support/workbench.ts';
import { editTable } from './edit-table.ts';
import { answersOf, dockerfileOf } from './stages.ts';

const test = suite('truth table of edits');

test('each instruction hits or misses, and is explained, as the table says', async () => {
  if (!requireWorkbench()) return;
  if (!requireFeature('git http-backend', hasGit())) return;
  await using bench = await workbench({ 'd/a': 'a\n', 'd/b': 'b\n' });
  const moved = bench.file('moved');
  const hooked = bench.file('hooked');
  const bases: Record<string, string> = { moved: 'tagged', triggered: 'hooked' };
  const repository = bench.file('git/work');
  let served = '';
  const server = createServer((request, response) => {
    const same = request.url === '/same.txt';
    response.setHeader('Last-Modified', new Date(served === 'after' ? 2e12 : 1e12).toUTCString());
    response.end(same ? 'same' : served);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  await using stopped = { [Symbol.asyncDispose]: async () => void server.close() };
  void stopped;
  const { port } = server.address() as AddressInfo;
  await using gitServer = await startGitServer(bench.file('git'));
  const file = bench.file('report.json');
  const build = async (
    which: 'before' | 'after',
    more: string[] = [],
  ): Promise<Map<string, string[] | undefined>> => {
    const stages = editTable.map((row) => ({
      id: row.id,
      lines: row[which].map((line) =>
        line.replace('SERVER', `http://127.0.0.1:${port}`).replace('GIT/', `${gitServer.url}/`),
      ),
      ...(bases[row.id] === undefined ? {} : { base: bases[row.id]! }),
    }));
    served = which;
    commitFiles(repository, { 'f.txt': which });
    publish(repository, bench.file('git/repo.git'));
    // What the tag of a base stands for.
    for (const layout of [moved, hooked]) rmSync(layout, { recursive: true, force: true });
    await bench.write({ 'base.Dockerfile': `FROM base\nRUN echo ${which} > /which\n`, secret: which });
    const base = [
      '-f',
      `${bench.context}/base.Dockerfile`,
      `--output=type=oci,tar=false,dest=${moved},name=moved:1`,
    ];
    await bench.build(base);
    await bench.write({ 'hook.Dockerfile': `FROM base\nONBUILD RUN true ${which}\n` });
    const hook = [
      '-f',
      `${bench.context}/hook.Dockerfile`,
      `--output=type=oci,tar=false,dest=${hooked},name=hooked:1`,
    ];
    await bench.build(hook);
    await bench.write({ Dockerfile: dockerfileOf(stages) });
    await bench.build([
      ...['--allow=security.insecure', `--build-arg=GIVEN=${which}`, `--cache-report=${file}`],
      `--build-context=hooked=oci-layout://${hooked}:1`,
      `--build-context=tagged=oci-layout://${moved}:1`,
      `--secret=id=s,src=${bench.context}/secret`,
      ...more,
    ]);
    return answersOf(JSON.parse(readFileSync(file, 'utf8')) as CacheReport);
  };
  await build('before');
  const found = await build('after');
  const steady = (reasons: string[] | undefined): string[] | undefined =>
    reasons?.map((text) => text.replace(/\S+@sha256:[0-9a-f]+/g, 'IMAGE'));
  const wrong = editTable.flatMap(({ id, miss }) => {
    assert.ok(found.has(id), `${id} has a step`);
    const said = steady(found.get(id));
    return JSON.stringify(said) === JSON.stringify(miss) ? [] : [{ id, said, miss }];
  });
  assert.equal(wrong, []);
  const anew = await build('after', ['--no-cache']);
  const told = new Set(
    [...anew].filter(([id]) => editTable.some((row) => row.id === id)).map(([, reasons]) => reasons?.at(-1)),
  );
  assert.equal([...told], ['the cache was not to be used (--no-cache)']);
});

test.run();
