// What a process is told that begins again in a user namespace.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { machineOf } from '../../src/runtime/launcher/machines.ts';
import { createEnterProgram } from '../../src/userns/enter-program.ts';

const test = suite('userns/enter-program');

for (const architecture of ['x64', 'arm64']) {
  test(`${architecture}: words that are no UTF-8 are handed on as they are, with one mark for each outcome`, () => {
    const word = Buffer.from([0x66, 0xff, 0x6f]);
    const program = createEnterProgram({
      ...{ machine: machineOf(architecture)!, uid: 1000, gid: 100, spare: 20, kept: undefined },
      writers: [{ argv: ['/usr/bin/newuidmap', '7', '0', '1000', '1'] }],
      dependent: false,
      exec: {
        path: '/usr/bin/node',
        argv: [Buffer.from('node'), word],
        env: [Buffer.from('A=b')],
        marks: { inside: 'MARK=1000:100', outside: 'MARK=none' },
      },
    });
    assert.ok(program.includes(Buffer.concat([word, Buffer.of(0)])));
    for (const text of ['MARK=1000:100', 'MARK=none', '0 1000 1\n', '0 100 1\n', 'deny'])
      assert.ok(program.includes(`${text}\0`), text);
  });
}

test.run();
