// Comes before each timed command: dirty pages are written, so that one builder's writes are not another's wait.
import { mustRun } from '../test/support/run-command.ts';

export const settle = async (): Promise<void> => {
  await mustRun(['sync']);
};
