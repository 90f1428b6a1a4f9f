import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { orderMounts } from '../../src/ops/order-mounts.ts';
import type { StepMount } from '../../src/seams.ts';

const test = suite('order-mounts');
const tmpfs = (target: string): StepMount => ({ type: 'tmpfs', target, size: undefined });
const file = (target: string): StepMount => ({ type: 'bind', source: '/f', target, readonly: true });

test('a mount comes after the ones that its target lies in', () => {
  const targets = orderMounts(['/x/y/z', '/x-', '/x', '/a'].map(tmpfs)).map(({ target }) => target);
  assert.equal(targets, ['/a', '/x', '/x-', '/x/y/z']);
});

test('of several mounts on one target the last one counts', () => {
  assert.equal(orderMounts([tmpfs('/x'), tmpfs('/y'), file('/x')]), [file('/x'), tmpfs('/y')]);
});

test.run();
