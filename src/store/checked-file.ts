// Small files that check themselves: the first line is the sha256 of all that follows, each line one JSON value. What is
// torn, empty or foreign reads as absent.
import { readFileSync } from 'node:fs';
import { systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import { digestOf } from '../oci/digest.ts';

const newline = 0x0a;

export function encodeChecked(values: readonly unknown[]): Buffer {
  const lines = values.map((value) => JSON.stringify(value));
  const head = digestOf('').length + 3;
  const file = Buffer.allocUnsafe(lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, head));
  let used = head;
  for (const line of lines) {
    used += file.write(line, used);
    file[used++] = newline;
  }
  file.write(`"${digestOf(file.subarray(head))}"\n`);
  return file;
}

/** The JSON texts of a checked file's lines without the first; undefined where the file is missing or not as it was written. */
export function readChecked(path: string): string[] | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw diskError(error, 'reading a record');
  }
  const end = bytes.indexOf(newline);
  const body = bytes.subarray(end + 1);
  if (end < 0 || bytes.toString('latin1', 0, end) !== `"${digestOf(body)}"`) return undefined;
  return body.toString('utf8').split('\n').slice(0, -1);
}
