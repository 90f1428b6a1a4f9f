// Holds rows of docs/compatibility.md true: rows/flags.ts.
import { flags } from './rows/flags.ts';
import { testSection } from './test-section.ts';

testSection(flags);
