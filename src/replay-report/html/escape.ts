// Foreign text as HTML and as JSON inside HTML take it.
import { plainText } from '../plain-text.ts';

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Also for the values of attributes. Controls and marks that reorder text become visible. */
export const escapeHtml = (text: string): string =>
  plainText(text).replace(/[&<>"']/g, (sign) => entities[sign]!);

/** For a `script` of another type than a program's: nothing in it can end the element. */
export const embeddedJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
