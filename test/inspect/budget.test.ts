// Budgets: how they are written, and when one is exceeded.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkBudgets, parseBudgets } from '../../src/inspect/budget.ts';
import { file, reportOf, whiteout } from './layer-items.ts';

const test = suite('inspect/budget');

test('sizes, shares and counts', () => {
  const limits = (text: string) =>
    parseBudgets(text).map(({ subject, limit, isPercent }) => [subject, limit, isPercent]);
  assert.equal(limits('image=200MB,layer=1.5MiB, wasted = 5% ,files=10'), [
    ['image', 200_000_000, false],
    ['layer', 1.5 * 2 ** 20, false],
    ['wasted', 5, true],
    ['files', 10, false],
  ]);
  assert.equal(limits('image=512,layer=4k,duplicates=2GB,efficiency=95.5%')[3], ['efficiency', 95.5, true]);
});

test('what is no budget is refused, with an example', () => {
  for (const text of [
    '',
    'image',
    'size=5',
    'image=5%',
    'wasted=many',
    'efficiency=5',
    'files=5MB',
    'image=-1',
    'image=1,,layer=2',
  ])
    assert.throws(
      () => parseBudgets(text),
      (error: { code: string; hint: string }) =>
        error.code === 'ERR_USAGE' && error.hint.includes('--budget'),
      text,
    );
});

test('a limit is kept up to the last byte', () => {
  const report = reportOf([
    [file('a', 100), file('b', 60)],
    [whiteout('b'), file('c', 40)],
  ]);
  const over = (text: string) =>
    checkBudgets(report, parseBudgets(text), String).map(({ exceeded }) => exceeded);
  assert.equal(over('image=200,image=199'), [false, true]);
  assert.equal(over('layer=160,layer=159'), [false, true]);
  assert.equal(over('wasted=60,wasted=59,wasted=30%,wasted=29.9%'), [false, true, false, true]);
  assert.equal(over('files=2,files=1'), [false, true]);
  assert.equal(over('efficiency=70%,efficiency=70.1%'), [false, true]);
  const [one] = checkBudgets(report, parseBudgets('layer=10'), String);
  assert.is(one!.text, 'layer 1 has 160, at most 10 are allowed');
  assert.is(
    checkBudgets(reportOf([]), parseBudgets('layer=0,wasted=0%,image=0'), String).some(
      ({ exceeded }) => exceeded,
    ),
    false,
  );
});

test.run();
