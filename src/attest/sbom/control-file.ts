// Paragraphs of `Name: value` lines, as dpkg and Python's metadata have them (Debian policy 5.1).

export type Paragraph = ReadonlyMap<string, string>;

/** Names in lower case; the first of a name counts; lines that begin with a blank go on with the field before. */
export function* controlParagraphs(text: string): Generator<Paragraph, void> {
  let fields = new Map<string, string>();
  let name: string | undefined;
  for (const line of linesOf(text)) {
    if (line.trim() === '') {
      if (fields.size > 0) yield fields;
      fields = new Map();
      name = undefined;
    } else if (/^[ \t]/.test(line)) {
      if (name !== undefined) fields.set(name, `${fields.get(name)}\n${line.trim()}`);
    } else {
      const colon = line.indexOf(':');
      const found = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
      name = found === '' || fields.has(found) ? undefined : found;
      if (name !== undefined) fields.set(name, line.slice(colon + 1).trim());
    }
  }
  if (fields.size > 0) yield fields;
}

/** One after the other, so that a large file is not split at once. */
function* linesOf(text: string): Generator<string, void> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const line = end < 0 ? text.slice(at) : text.slice(at, end);
    yield line.endsWith('\r') ? line.slice(0, -1) : line;
    at = end < 0 ? text.length : end + 1;
  }
}
