// Holds rows of docs/compatibility.md true: rows/copy.ts.
import { copy } from './rows/copy.ts';
import { testSection } from './test-section.ts';

testSection(copy);
