import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseResources, parseRunLimits } from '../../src/cli/commands/resources.ts';
import { isSlipwayError } from '../../src/errors.ts';

const test = suite('resources');

const hintOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    assert.ok(isSlipwayError(error) && error.code === 'ERR_USAGE', `${error}`);
    return `${error.message}\n${error.hint}`;
  }
  return assert.unreachable() as never;
};

test('resources are repeated or separated by commas, which a list of CPUs may hold', () => {
  const wanted = { memory: 2 ** 31, cpuQuota: 50_000, cpusetCpus: '0,2-3' };
  assert.equal(parseResources(['memory=2g', 'cpu-quota=50000', 'cpuset-cpus=0,2-3']), wanted);
  assert.equal(parseResources(['memory=2g,cpuset-cpus=0,2-3,cpu-quota=50000']), wanted);
  assert.equal(parseResources(['memory=1g', 'memory = 2g ', 'memory-swap=-1']), {
    memory: 2 ** 31,
    memorySwap: -1,
  });
  assert.equal(parseResources(['cpu-shares=512', 'cpu-period=20000', 'cpuset-mems=0']), {
    ...{ cpuShares: 512, cpuPeriod: 20_000, cpusetMems: '0' },
  });
});

test('nothing, and what docker takes for nothing, is no limit', () => {
  assert.equal(parseResources([]), {});
  assert.equal(
    parseResources(['memory=0', 'cpu-quota=-1,cpu-period=0', 'cpu-shares=0', 'memory-swap=0']),
    {},
  );
  assert.equal(parseRunLimits({ cpus: '0', 'pids-limit': '-1', memory: '0', entrypoint: 'x' }), {});
});

test('what can not be meant says how it is written', () => {
  for (const [text, pattern] of [
    ['memory', 'KEY=VALUE'],
    ['memroy=1g', 'did you mean memory'],
    ['memory=lots', 'no size'],
    ['memory=1m', 'at least 6m'],
    ['cpu-quota=1.5', 'a whole number'],
    ['cpu-period=10', 'from 1000'],
    ['cpuset-cpus=all', '0-3,5'],
    ['memory-swap=1g', 'needs --resource memory'],
    ['memory=2g,memory-swap=1g', 'below'],
    ['=1', 'no resource'],
    ['constructor=1', 'no resource'],
  ] as const) {
    assert.match(
      hintOf(() => parseResources([text])),
      pattern,
    );
  }
});

test('run has docker’s flags: CPUs as a number, processes besides', () => {
  assert.equal(parseRunLimits({ memory: '64m', cpus: '1.5', 'pids-limit': '100', 'cpuset-cpus': '0' }), {
    ...{ memory: 64 << 20, cpuPeriod: 100_000, cpuQuota: 150_000, pids: 100, cpusetCpus: '0' },
  });
  assert.match(
    hintOf(() => parseRunLimits({ cpus: '2', 'cpu-quota': '5000' })),
    'give --cpus, or',
  );
  assert.match(
    hintOf(() => parseRunLimits({ cpus: 'two' })),
    '1.5',
  );
});

test.run();
