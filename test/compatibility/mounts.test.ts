// Holds rows of docs/compatibility.md true: rows/mounts.ts.
import { mounts } from './rows/mounts.ts';
import { testSection } from './test-section.ts';

testSection(mounts);
