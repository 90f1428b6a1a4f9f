// Writes the tables of docs/security.md anew.
import { updatePage } from './ladder-table.ts';

updatePage();
