// What of a URL or of a server's words may stand in a message: no credentials, no query, no control characters.

/** Scheme, host and path: a signed URL keeps its signature in the query, and some keep a password before the host. */
export function redactUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Text from a server, made safe to print: one line of at most `limit` characters. */
export function cleanText(text: string, limit = 300): string {
  const line = text
    .slice(0, limit * 4)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}
