// Which system calls of a step are asked about, by running the filter as the kernel does.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ownerCalls, ownerFilter } from '../../src/runtime/owners/owner-filter.ts';

const test = suite('runtime/owner-filter');

/** Classic BPF, as far as the filter uses it. */
function run(filter: Buffer, audit: number, call: number): number {
  let loaded = 0;
  for (let at = 0; ; at++) {
    const code = filter.readUInt16LE(at * 8);
    const [jt, jf] = [filter.readUInt8(at * 8 + 2), filter.readUInt8(at * 8 + 3)];
    const k = filter.readUInt32LE(at * 8 + 4);
    if (code === 0x06) return k;
    if (code === 0x20) loaded = k === 0 ? call : audit;
    else at += loaded === k ? jt : jf;
  }
}

for (const architecture of ['x64', 'arm64']) {
  const calls = ownerCalls(architecture)!;
  const filter = ownerFilter(calls);

  test(`${architecture}: those that give files away are asked about, groups are as good as set`, () => {
    for (const call of [calls.chown, calls.lchown, calls.fchown, calls.fchownat])
      if (call !== undefined) assert.is(run(filter, calls.audit, call), 0x7fc00000);
    assert.is(run(filter, calls.audit, calls.setgroups), 0x50000);
    for (const call of [0, 1, 2, 56, 59, 91, 95, 105, 221, 257])
      if (![calls.fchown, calls.fchownat].includes(call))
        assert.is(run(filter, calls.audit, call), 0x7fff0000, `${call}`);
  });

  test(`${architecture}: other ABIs are left alone`, () => {
    assert.is(run(filter, 0x40000003, calls.fchown), 0x7fff0000);
  });
}

test.run();
