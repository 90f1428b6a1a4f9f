// Holds rows of docs/compatibility.md true: rows/add.ts.
import { add } from './rows/add.ts';
import { testSection } from './test-section.ts';

testSection(add);
