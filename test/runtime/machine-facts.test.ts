import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { containerOf, distributionOf, idSpaceOf, subidsOf } from '../../src/runtime/machine-facts.ts';

const test = suite('machine-facts');

test('a distribution is known by its own name or by that of its kin', () => {
  assert.is(distributionOf('NAME="x"\nID=debian\n'), 'debian');
  assert.is(distributionOf('ID="rocky"\nID_LIKE="rhel centos fedora"\n'), 'fedora');
  assert.is(distributionOf('ID=linuxmint\nID_LIKE="ubuntu debian"\n'), 'debian');
  assert.is(distributionOf('ID="opensuse-tumbleweed"\n'), 'suse');
  assert.is(distributionOf('ID=plan9\n'), undefined);
  assert.is(distributionOf(''), undefined);
});

test('subordinate ids are found by name and by number, and what is free lies above all', () => {
  const text = 'wilma:100000:65536\nfred:200000:1000\n1000:300000:10\nnonsense\n';
  assert.equal(subidsOf(text, { name: 'wilma', uid: 1000 }), { count: 65_546, end: 300_010 });
  assert.equal(subidsOf(text, { name: undefined, uid: 7 }), { count: 0, end: 300_010 });
  assert.equal(subidsOf('', { name: 'x', uid: 1 }), { count: 0, end: 100_000 });
});

test('ids that there are here are counted from 0 on', () => {
  assert.is(idSpaceOf('         0          0 4294967295\n'), 2 ** 32 - 1);
  assert.is(idSpaceOf('         0       1000          1\n         1     100000      65536\n'), 65_537);
  assert.is(idSpaceOf('      1000       1000          1\n'), 0);
});

test('container engines are known by what they leave', () => {
  const nothing = (): boolean => false;
  assert.is(containerOf({}, nothing, '0::/\n'), undefined);
  assert.is(
    containerOf({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, () => true, ''),
    'kubernetes',
  );
  assert.is(
    containerOf({}, (path) => path === '/.dockerenv', ''),
    'docker',
  );
  assert.is(
    containerOf({}, (path) => path === '/run/.containerenv', ''),
    'podman',
  );
  assert.is(containerOf({}, nothing, '5:memory:/docker/0123\n'), 'docker');
  assert.is(containerOf({ container: 'lxc' }, nothing, ''), 'other');
});

test.run();
