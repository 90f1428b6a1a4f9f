// Holds rows of docs/compatibility.md true: rows/run.ts.
import { run } from './rows/run.ts';
import { testSection } from './test-section.ts';

testSection(run);
