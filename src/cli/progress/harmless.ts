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

/** What an error says: as names, but its line ends are kept. */
export function harmlessLines(text: string): string {
  if (plain.test(text)) return text;
  return text
    .split(/\r?\n/)
    .map((line) => harmless(line).replace(unseen, visible))
    .join('\n');
}

/** Characters that take no room and join nothing: two names that differ by them alone look the same. */
const unseen = /[\u00ad\u180e\u200b\u2060-\u2064\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/gu;
/** As ASCII has them no name needs a second look. */
const plain = /^[ -~]*$/;

/** A name on one line: line ends and what blanks surround them become one blank, what can't be seen is made visible. */
export function harmlessName(text: string): string {
  if (plain.test(text)) return text;
  return harmless(text.replace(/\s*[\r\n]+\s*/g, ' ')).replace(unseen, visible);
}

/** Colours and weights as ECMA-48 has them (SGR). */
const colour = /\x1b\[([0-9;]{0,40})m/g;

/** As `harmless`, but colours stay, and end with the line: for output of steps on a terminal. What would hide text goes. */
export function harmlessColors(text: string): string {
  if (!text.includes('\x1b[')) return harmless(text);
  let shown = '';
  let from = 0;
  let isColored = false;
  for (const found of text.matchAll(colour)) {
    shown += harmless(text.slice(from, found.index));
    from = found.index + found[0].length;
    if (hides(found[1]!)) continue;
    shown += found[0];
    isColored = true;
  }
  return `${shown}${harmless(text.slice(from))}${isColored ? '\x1b[0m' : ''}`;
}

/** Whether 8 (concealed) is among the parameters, and not the number of a colour. */
function hides(parameters: string): boolean {
  const list = parameters.split(';').map(Number);
  for (let at = 0; at < list.length; at++) {
    if (list[at] === 8) return true;
    if (list[at] === 38 || list[at] === 48) at += list[at + 1] === 5 ? 2 : list[at + 1] === 2 ? 4 : 0;
  }
  return false;
}

function visible(character: string): string {
  const code = character.codePointAt(0)!;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  if (code < 0x20) return `^${String.fromCharCode(code + 64)}`;
  if (code === 0x7f) return '^?';
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
