// Where the values of secrets are that should be nowhere: in files, also compressed, and in texts; in any form.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

/** A value as it is, in hex, URL-encoded, and in base64 at each alignment. */
export const formsOf = (value: string): string[] => [
  value,
  Buffer.from(value).toString('hex'),
  encodeURIComponent(value),
  ...['', 'a', 'ab'].map((before) =>
    Buffer.from(before + value)
      .toString('base64')
      .slice([0, 2, 3][before.length], -4),
  ),
];

/** Files below the folders that have one of the forms, also compressed. */
export function filesWith(forms: readonly string[], ...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      if (!entry.isFile()) return [];
      const path = join(entry.parentPath, entry.name);
      const bytes = readFileSync(path);
      const texts = [bytes];
      for (const unpack of [gunzipSync, brotliDecompressSync]) {
        try {
          texts.push(unpack(bytes));
        } catch {}
      }
      return texts.some((text) => forms.some((form) => text.includes(form))) ? [path] : [];
    }),
  );
}
