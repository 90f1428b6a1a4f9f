// Holds rows of docs/compatibility.md true: rows/contexts.ts.
import { contexts } from './rows/contexts.ts';
import { testSection } from './test-section.ts';

testSection(contexts);
