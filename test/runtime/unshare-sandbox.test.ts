import { createUnshareRuntime } from '../../src/runtime/unshare-sandbox.ts';
import { runtimeContract } from '../contract/runtime.ts';
import { stepWorks } from '../support/step-bench.ts';

const works = await stepWorks(createUnshareRuntime());

runtimeContract({ name: 'unshare', create: () => createUnshareRuntime(), works });
