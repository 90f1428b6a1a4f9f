// Foreign text for a terminal: what would steer it, or make it show other than what is there, is taken out or made visible.

/** Complete sequences: CSI (colours, cursor), OSC, DCS, PM, APC and SOS (titles, links), and two-character ones. */
const sequences =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]+[0-~]|\x1b[0-Z\\`-~]/g;

/** Control characters but for the tab, and the marks that reorder text (Unicode's bidirectional controls). */
const controls = /[\0-\x08\n-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const needsWork = /[\0-\x08\n-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** One line of text without anything that a terminal acts upon; `^X` or `\uXXXX` stands for a lone control character. */
export function harmless(text: string): string {
  if (!needsWork.test(text)) return text;
  return text.replace(sequences, '').replace(controls, visible);
}

/** The same, of a text whose line ends are kept. */
export function harmlessLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => harmless(line))
    .join('\n');
}

/** A name on one line: line ends and what blanks surround them become one blank. */
export function harmlessName(text: string): string {
  if (!needsWork.test(text)) return text;
  return harmless(text.replace(/\s*[\r\n]+\s*/g, ' '));
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return `^${String.fromCharCode(code + 64)}`;
  if (code === 0x7f) return '^?';
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
