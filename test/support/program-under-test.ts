// A program whose command does what its first argument says, for tests of the process around commands.
import { setTimeout } from 'node:timers/promises';
import { runProgram } from '../../src/cli/run-program.ts';
import { type ErrorCode, SlipwayError } from '../../src/errors.ts';

await runProgram(async ([what, code], { signal, stdout }) => {
  switch (what) {
    case 'fail':
      throw new SlipwayError(code as ErrorCode, 'it failed', { hint: 'mend it' });
    case 'bug':
      throw new TypeError('x is not a function');
    case 'stray-bug':
      queueMicrotask(() => {
        throw new TypeError('x is not a function');
      });
      await setTimeout(60_000);
      return;
    case 'wait':
    case 'hang': {
      const stopped = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
      });
      const keep = setInterval(() => {}, 1000);
      stdout.write('ready\n');
      await stopped;
      stdout.write('stopping\n');
      if (what === 'hang') await setTimeout(60_000);
      clearInterval(keep);
      throw signal.reason;
    }
    case 'flood':
      for (;;) {
        stdout.write('x'.repeat(65_536));
        await setTimeout(1);
        signal.throwIfAborted();
      }
    default:
      stdout.write('done\n');
  }
});
