// The part of the SARIF 2.1.0 schema that a linter's report uses: which keys objects have, and what those hold.
// Objects of SARIF are closed: a key of another name is wrong.

type Check = (value: unknown, path: string) => string[];

const text: Check = (value, path) => (typeof value === 'string' ? [] : [`${path} is no text`]);
const flag: Check = (value, path) => (typeof value === 'boolean' ? [] : [`${path} is no boolean`]);
const from =
  (least: number): Check =>
  (value, path) =>
    Number.isInteger(value) && (value as number) >= least ? [] : [`${path} is no integer from ${least} on`];
const oneOf =
  (...values: string[]): Check =>
  (value, path) =>
    values.includes(value as string) ? [] : [`${path} is ${JSON.stringify(value)}`];
const matching =
  (pattern: RegExp): Check =>
  (value, path) =>
    typeof value === 'string' && pattern.test(value) ? [] : [`${path} is ${JSON.stringify(value)}`];
const list =
  (check: Check, least = 0): Check =>
  (value, path) =>
    !Array.isArray(value) || value.length < least
      ? [`${path} is no list of ${least} or more`]
      : value.flatMap((one, index) => check(one, `${path}[${index}]`));
const texts: Check = (value, path) =>
  Object.entries(value as object).flatMap(([key, one]) => text(one, `${path}.${key}`));

/** Keys with `!` must be there. */
const object =
  (keys: Record<string, Check>): Check =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
    const checks = new Map(Object.entries(keys).map(([key, check]) => [key.replace('!', ''), check]));
    const missing = Object.keys(keys)
      .filter((key) => key.endsWith('!') && !Object.hasOwn(value, key.slice(0, -1)))
      .map((key) => `${path} has no ${key.slice(0, -1)}`);
    return [
      ...missing,
      ...Object.entries(value).flatMap(([key, one]) => {
        const check = checks.get(key);
        return check === undefined ? [`${path} has ${key}`] : check(one, `${path}.${key}`);
      }),
    ];
  };

const level = oneOf('none', 'note', 'warning', 'error');
const message = object({ 'text!': text, markdown: text });
// RFC 3986: no blanks and nothing that has to be escaped.
const artifactLocation = object({
  'uri!': matching(/^[\w.~!$&'()*+,;=:@/%-]+$/),
  uriBaseId: text,
  index: from(0),
});
const regionKeys = object({
  'startLine!': from(1),
  startColumn: from(1),
  endLine: from(1),
  endColumn: from(1),
  sourceLanguage: text,
});
const region: Check = (value, path) => {
  const { startLine, startColumn = 1, endLine, endColumn } = value as Record<string, number>;
  const backwards =
    endLine! < startLine! || (endLine === startLine && endColumn !== undefined && endColumn < startColumn);
  return [...regionKeys(value, path), ...(backwards ? [`${path} ends before it begins`] : [])];
};
const descriptor = object({
  'id!': text,
  name: text,
  shortDescription: message,
  fullDescription: message,
  help: message,
  helpUri: matching(/^https:\/\/\S+$/),
  defaultConfiguration: object({ enabled: flag, level }),
  properties: object({ tags: list(text) }),
});
const driver = object({
  'name!': text,
  version: text,
  semanticVersion: matching(/^\d+\.\d+\.\d+/),
  informationUri: matching(/^https:\/\/\S+$/),
  rules: list(descriptor),
});
const fix = object({
  description: message,
  'artifactChanges!': list(
    object({
      'artifactLocation!': artifactLocation,
      'replacements!': list(object({ 'deletedRegion!': region, insertedContent: object({ text }) }), 1),
    }),
    1,
  ),
});
const result = object({
  ruleId: text,
  ruleIndex: from(-1),
  level,
  'message!': message,
  locations: list(object({ 'physicalLocation!': object({ 'artifactLocation!': artifactLocation, region }) })),
  partialFingerprints: texts,
  fixes: list(fix),
});

const log = object({
  $schema: matching(/^https:\/\/\S+$/),
  'version!': oneOf('2.1.0'),
  'runs!': list(
    object({
      'tool!': object({ 'driver!': driver }),
      columnKind: oneOf('utf16CodeUnits', 'unicodeCodePoints'),
      defaultSourceLanguage: text,
      results: list(result),
    }),
  ),
});

/** What is wrong with a log, each with its path; nothing where it is right. */
export function sarifMistakes(document: unknown): string[] {
  return log(document, 'log');
}
