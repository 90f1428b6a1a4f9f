// A builder that runs a step without end, to be killed: `endless-step.ts RUNTIME FOLDER MARK UID [MEMORY]`.
import { createChrootRuntime } from '../../src/runtime/chroot.ts';
import { createOciRuntime } from '../../src/runtime/oci-runtime.ts';
import { createSandboxRuntime } from '../../src/runtime/sandbox.ts';
import { createUnshareRuntime } from '../../src/runtime/unshare-sandbox.ts';
import type { Runtime } from '../../src/seams.ts';
import { makeStep } from './step-bench.ts';

const [, , name = '', folder = '', mark = '', uid = '0', memory] = process.argv;
const sandboxes = new Map<string, () => Runtime>([
  ['sandbox', createSandboxRuntime],
  ['unshare', createUnshareRuntime],
  ['chroot', createChrootRuntime],
]);
const runtime = sandboxes.get(name)?.() ?? createOciRuntime({ command: name });
const script = `(sleep ${mark} > /dev/null 2>&1 &); echo ready; sleep ${mark}`;
const user = { uid: Number(uid), gid: Number(uid) };
const { spec } = makeStep(folder, ['/bin/sh', '-c', script], {
  process: user,
  whole: name === 'chroot',
  ...(memory && { resources: { memory: Number(memory) } }),
});
const onOutput = (_: string, chunk: Buffer): void => {
  process.stdout.write(chunk);
};
await runtime.run(spec, { onOutput }, new AbortController().signal);
