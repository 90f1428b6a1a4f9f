// Holds rows of docs/compatibility.md true: rows/base-images.ts.
import { baseImages } from './rows/base-images.ts';
import { testSection } from './test-section.ts';

testSection(baseImages);
