import { createSandboxRuntime } from '../../src/runtime/sandbox.ts';
import { runtimeContract } from '../contract/runtime.ts';
import { stepWorks } from '../support/step-bench.ts';

const works = await stepWorks(createSandboxRuntime());

runtimeContract({ name: 'sandbox', create: () => createSandboxRuntime(), works });
