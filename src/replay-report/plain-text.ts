// Foreign words (paths, subjects, instructions) as one line that neither steers a terminal nor reorders what stands beside it.

/** Complete sequences of a terminal: CSI, OSC, DCS, PM, APC, SOS, and those of two characters. */
const sequences =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]+[0-~]|\x1b[0-Z\\`-~]/g;

/** Control characters, lone surrogates, and the marks that reorder text. */
const controls =
  /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Line ends become blanks; other controls become visible. */
export function plainText(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(sequences, '')
    .replace(/\t/g, ' ')
    .replace(controls, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** At most `most` characters, with `…` for what is left out in the middle. */
export function shortened(text: string, most: number): string {
  const signs = [...text];
  if (signs.length <= most) return text;
  const head = Math.ceil((most - 1) * 0.6);
  return `${signs.slice(0, head).join('')}…${signs.slice(head + 1 - most).join('')}`;
}
