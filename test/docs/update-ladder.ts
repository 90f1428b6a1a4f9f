// Writes the tables of docs/security.md anew.
import { updateAttempts } from './attempt-table.ts';
import { updatePage } from './ladder-table.ts';

updatePage();
updateAttempts();
