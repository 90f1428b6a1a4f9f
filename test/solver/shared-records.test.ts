// Records of which only the identity is known: what follows is found by it, and what needs the layer has it made anew.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import type { CacheRecord } from '../../src/seams.ts';
import { type Bench, bench, key, step } from './fake-ops.ts';

const test = suite('solve with shared records');
const { signal } = new AbortController();

/** A cache of another machine's records, whose layers are there or not. */
function shared(names: readonly string[], options: { layers: readonly string[] }): Bench {
  const self = bench();
  let below = '';
  for (const name of names) {
    const content = digestOf(name);
    const { digest } = key(`${name}(${below})`);
    below = `${below || 'scratch'}/${content.slice(7, 13)}`;
    const record: CacheRecord = {
      content,
      diffID: digestOf(`shared ${name}`) as string as DiffID,
      size: 1,
      created: '2030-01-01T00:00:00.000Z',
      seconds: 1,
      description: name,
      tree: {},
      source: 'remote',
    };
    self.cache.records.set(digest, record);
    if (!options.layers.includes(name)) self.gone.add(record.diffID);
  }
  return self;
}

const chain = (names: readonly string[]) => {
  let vertex = step(names[0]!);
  for (const name of names.slice(1)) vertex = step(name, [vertex]);
  return vertex;
};

test('a chain is found by identities; only the files of its end are asked for', async () => {
  const self = shared(['a', 'b', 'c'], { layers: ['c'] });
  await self.solver.solve(chain(['a', 'b', 'c']), signal);
  assert.equal(self.runs, []);
  assert.equal(self.solver.statistics, { total: 3, cached: 3, ran: 0 });
  const sources = self.events.flatMap((event) => (event.type === 'cached' ? [event.source] : []));
  assert.equal(sources, ['remote', 'remote', 'remote']);
});

test('a step that is not known has what lies below it made anew, once', async () => {
  const self = shared(['a', 'b'], { layers: [] });
  await self.solver.solve(chain(['a', 'b', 'new']), signal);
  assert.equal(self.runs, ['a', 'b', 'new']);
  assert.equal(self.solver.statistics, { total: 3, cached: 0, ran: 3 });
});

test('what has its layers is not made anew for those that have not', async () => {
  const self = shared(['a', 'b'], { layers: ['a', 'b'] });
  await self.solver.solve(chain(['a', 'b', 'new']), signal);
  assert.equal(self.runs, ['new']);
});

test('a result that is asked for whole is made where its layers are missing', async () => {
  const self = shared(['a', 'b'], { layers: [] });
  const vertex = chain(['a', 'b']);
  await self.solver.solve(vertex, signal);
  assert.equal(self.runs, []);
  await self.solver.solveWhole(vertex, signal);
  assert.equal(self.runs, ['a', 'b']);
});

test('two steps that need the same missing layer have it made once', async () => {
  const self = shared(['a'], { layers: [] });
  const a = step('a');
  const both = step('end', [step('x', [a]), step('y', [a])]);
  await self.solver.solve(both, signal);
  assert.equal([...self.runs].sort(), ['a', 'end', 'x', 'y']);
});

test('records of this machine whose layers are gone are misses, as ever', async () => {
  const first = bench();
  await first.solver.solve(chain(['a', 'b']), signal);
  for (const record of first.cache.records.values()) first.gone.add(record.diffID);
  const second = first.another();
  await second.solver.solve(chain(['a', 'b']), signal);
  assert.equal(second.runs, ['a', 'b']);
});

test.run();
