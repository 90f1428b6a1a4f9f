// Holds rows of docs/compatibility.md true: rows/checks.ts.
import { checks } from './rows/checks.ts';
import { testSection } from './test-section.ts';

testSection(checks);
