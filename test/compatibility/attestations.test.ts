// Holds rows of docs/compatibility.md true: rows/attestations.ts.
import { attestations } from './rows/attestations.ts';
import { testSection } from './test-section.ts';

testSection(attestations);
