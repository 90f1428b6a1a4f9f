// Commands that set variables by words that look like assignments.
export const declarations: ReadonlySet<string> = new Set([
  'declare',
  'export',
  'local',
  'readonly',
  'typeset',
]);
