// What of a text may be shown that somebody else may read: URLs without what they log in with.

/** A text whose URLs have lost what logs in: `https://xxxxx:xxxxx@host/path`. The user of ssh:// stays. */
export function redactSource(text: string): string {
  if (!text.includes('@') || !text.includes('://')) return text;
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)([^\s/?#@]*)@/gi, (whole, scheme: string, login: string) => {
    if (!/^https?:/i.test(scheme) && !login.includes(':')) return whole;
    return `${scheme}${login.includes(':') ? 'xxxxx:xxxxx' : 'xxxxx'}@`;
  });
}
