// Holds rows of docs/compatibility.md true: rows/file-format.ts.
import { fileFormat } from './rows/file-format.ts';
import { testSection } from './test-section.ts';

testSection(fileFormat);
