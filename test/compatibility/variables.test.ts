// Holds rows of docs/compatibility.md true: rows/variables.ts.
import { variables } from './rows/variables.ts';
import { testSection } from './test-section.ts';

testSection(variables);
