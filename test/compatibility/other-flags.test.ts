// Holds rows of docs/compatibility.md true: rows/other-flags.ts.
import { otherFlags } from './rows/other-flags.ts';
import { testSection } from './test-section.ts';

testSection(otherFlags);
