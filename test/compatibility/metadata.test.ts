// Holds rows of docs/compatibility.md true: rows/metadata.ts.
import { metadata } from './rows/metadata.ts';
import { testSection } from './test-section.ts';

testSection(metadata);
