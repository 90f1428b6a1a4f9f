// Texts in XML.

/** What XML 1.0 has no way to write. */
const impossible = /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu;

/** For content and attributes alike: all but letters, digits, blanks, points and slashes as numbers, as hadolint does. */
export function escapeXml(text: string): string {
  return text
    .replace(impossible, '\ufffd')
    .replace(/[^A-Za-z0-9 ./]/gu, (character) => `&#${character.codePointAt(0)};`);
}
