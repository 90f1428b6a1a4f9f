// Where the document lies.
import { resolve } from 'node:path';

export const documentPath = resolve(import.meta.dirname, '../../docs/compatibility.md');
