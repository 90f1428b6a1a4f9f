import { createOciRuntime } from '../../src/runtime/oci-runtime.ts';
import { runtimeContract } from '../contract/runtime.ts';
import { stepWorks } from '../support/step-bench.ts';

const create = () => createOciRuntime({ command: 'runc' });

runtimeContract({ name: 'runc', create, works: await stepWorks(create()) });
