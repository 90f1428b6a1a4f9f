import * as assert from 'uvu/assert';
import { createSandboxRuntime } from '../../src/runtime/sandbox.ts';
import { benchSuite, stepWorks } from '../support/step-bench.ts';

const create = () => createSandboxRuntime({ proc: false });
const works = await stepWorks(create());

benchSuite({ name: 'sandbox without /proc', create, works }, ({ it, out, sh }) => {
  it('/proc is empty and stays so, and nothing that is held leads to another', async () => {
    const ran = await sh(
      'ls -A /proc; (echo x > /proc/x) && echo written; mkdir /proc/d && echo made; echo $$',
    );
    assert.is(ran.stdout, '1\n');
    assert.match(ran.stderr, 'Read-only file system');
    // What was open when the program was put in place is gone: of each of these a shell can make a copy.
    assert.is(
      await out('for n in 3 7 64 200 250; do (eval "exec 0<&$n") 2>/dev/null && echo $n; done; true'),
      '',
    );
  });

  it('without a network /sys is empty too, and there is but the loopback', async () => {
    assert.is(await out('ls -A /sys; cat /sys/class/net/lo/mtu 2>/dev/null; true', { network: 'none' }), '');
    assert.match(await out('ls /sys'), 'class');
  });

  it('all else is as ever: nodes, masks of /sys, a user, the name, what is left behind', async () => {
    const script = 'echo x > /dev/null && id -u && hostname && ls -A /sys/firmware; (sleep 1000 &)';
    const user = { process: { uid: 5, gid: 6 }, hostname: 'own' };
    assert.is(await out(script, user), '5\nown\n');
  });
});
