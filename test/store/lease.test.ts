import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ownIdentity } from '../../src/fs/process-identity.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { createLease, leasedDigests } from '../../src/store/lease.ts';
import { requireFeature } from '../support/require-feature.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-lease-'));
const one = digestOf('one');
const two = digestOf('two');

const test = suite('lease');
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('what a process uses is leased until it lets go', async () => {
  const root = join(folder, 'a');
  assert.equal([...leasedDigests(root)], []);
  assert.not(existsSync(root));
  {
    await using lease = createLease(root);
    await using other = createLease(root);
    lease.use(one);
    lease.use(one);
    other.use(two);
    assert.equal([...leasedDigests(root)].sort(), [one, two].sort());
  }
  assert.equal([...leasedDigests(root)], []);
  assert.equal(readdirSync(join(root, 'leases-v1')), []);
});

test('the lease of a dead process ends, one that cannot be looked up lasts a day', () => {
  if (!requireFeature('/proc', ownIdentity().space !== '')) return;
  const root = join(folder, 'b');
  createLease(root).use(two);
  const file = (name: string) => join(root, 'leases-v1', name);
  writeFileSync(file('dead'), `${JSON.stringify({ ...ownIdentity(), start: '1' })}\n${one}\n`);
  assert.equal([...leasedDigests(root)], [two]);
  assert.not(existsSync(file('dead')));
  writeFileSync(file('far'), `${JSON.stringify({ ...ownIdentity(), space: 'far' })}\n${one}\nsha256:torn`);
  assert.equal([...leasedDigests(root)].sort(), [one, two].sort());
  utimesSync(file('far'), 1, 1);
  assert.equal([...leasedDigests(root)], [two]);
});

test.run();
