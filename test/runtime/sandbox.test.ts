import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeRuntimes } from '../../src/runtime/probe.ts';
import { createSandboxRuntime } from '../../src/runtime/sandbox.ts';
import { systemPath } from '../../src/runtime/step-process.ts';
import { runtimeContract } from '../contract/runtime.ts';

const scratch = mkdtempSync(join(tmpdir(), 'probe-'));
const probes = await probeRuntimes({ path: systemPath, scratch });
rmSync(scratch, { recursive: true });
const found = probes.find(({ name }) => name === 'sandbox');

runtimeContract({ name: 'sandbox', create: () => createSandboxRuntime(), works: found?.works === true });
