// Holds rows of docs/compatibility.md true: rows/bake.ts.
import { bake } from './rows/bake.ts';
import { testSection } from './test-section.ts';

testSection(bake);
