// Holds rows of docs/compatibility.md true: rows/outputs.ts.
import { outputs } from './rows/outputs.ts';
import { testSection } from './test-section.ts';

testSection(outputs);
