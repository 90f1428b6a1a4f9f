// What every Runtime does, as one suite over an implementation.
import { benchSuite, type RuntimeSubject } from '../support/step-bench.ts';
import { confinementTests } from './runtime-confinement.ts';
import { endTests } from './runtime-end.ts';
import { limitTests } from './runtime-limits.ts';
import { mountTests } from './runtime-mounts.ts';
import { nodeTests } from './runtime-nodes.ts';
import { processTests } from './runtime-process.ts';
import { streamTests } from './runtime-streams.ts';

/** Runs the suite; where the runtime does not work here every test is skipped. */
export function runtimeContract(subject: RuntimeSubject): void {
  benchSuite(subject, (bench) => {
    processTests(bench);
    streamTests(bench);
    confinementTests(bench);
    mountTests(bench);
    nodeTests(bench);
    endTests(bench);
    limitTests(bench);
  });
}
