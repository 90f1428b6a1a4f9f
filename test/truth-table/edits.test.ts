// The truth table of Dockerfiles, flags and bases, proved by real builds: all rows in one, before and after.
import { readFileSync, rmSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheReport } from '../../src/index.ts';
import { requireWorkbench, workbench } from '../support/workbench.ts';
import { editTable } from './edit-table.ts';
import { answersOf, dockerfileOf } from './stages.ts';

const test = suite('truth table of edits');

test('each instruction hits or misses, and is explained, as the table says', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ 'd/a': 'a\n', 'd/b': 'b\n' });
  const moved = bench.file('moved');
  const file = bench.file('report.json');
  const build = async (
    which: 'before' | 'after',
    more: string[] = [],
  ): Promise<Map<string, string[] | undefined>> => {
    const stages = editTable.map((row) => ({
      ...{ id: row.id, lines: row[which] },
      ...(row.id === 'moved' ? { base: 'tagged' } : {}),
    }));
    // What the tag of a base stands for.
    rmSync(moved, { recursive: true, force: true });
    await bench.write({ 'base.Dockerfile': `FROM base\nRUN echo ${which} > /which\n`, secret: which });
    const base = [
      '-f',
      `${bench.context}/base.Dockerfile`,
      `--output=type=oci,tar=false,dest=${moved},name=moved:1`,
    ];
    await bench.build(base);
    await bench.write({ Dockerfile: dockerfileOf(stages) });
    await bench.build([
      ...['--allow=security.insecure', `--build-arg=GIVEN=${which}`, `--cache-report=${file}`],
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
