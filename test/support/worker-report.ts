// What the test runner and its child processes say to each other.

/** What one file came to. */
export interface FileResult {
  passed: number;
  failed: number;
  skipped: number;
  /** Features of the machine that were missing, one for each test that gave up for it. */
  missing: string[];
  output: string;
  ms: number;
}

/** What the worker says of a file; the parent adds output and time. */
export type WorkerReport = Pick<FileResult, 'passed' | 'failed' | 'skipped' | 'missing'>;

/** Stands before a report, which is one line of JSON in the worker's stdout: so it follows all that the tests wrote. */
export const reportMark = '\u0000report:';
