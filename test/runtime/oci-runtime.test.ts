import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOciRuntime } from '../../src/runtime/oci-runtime.ts';
import { probeRuntimes } from '../../src/runtime/probe.ts';
import { systemPath } from '../../src/runtime/step-process.ts';
import { runtimeContract } from '../contract/runtime.ts';

const scratch = mkdtempSync(join(tmpdir(), 'probe-'));
const probes = await probeRuntimes({ path: systemPath, scratch });
rmSync(scratch, { recursive: true });
const found = probes.find(({ name }) => name === 'runc');

runtimeContract({
  name: 'runc',
  create: () => createOciRuntime({ command: 'runc' }),
  works: found?.works === true,
});
