// Writes the truth tables into docs/cache.md anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { pagePath, withTables } from './render.ts';

writeFileSync(pagePath, withTables(readFileSync(pagePath, 'utf8')));
