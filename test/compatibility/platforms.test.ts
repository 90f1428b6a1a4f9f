// Holds rows of docs/compatibility.md true: rows/platforms.ts.
import { platforms, progress } from './rows/platforms.ts';
import { testSection } from './test-section.ts';

testSection(platforms);
testSection(progress);
