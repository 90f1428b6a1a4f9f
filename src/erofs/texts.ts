// Names and link targets as bytes, one behind the other.
import { decodeName, pathBytes } from '../fs/path-bytes.ts';

export interface Texts {
  /** Keeps a text of path-bytes.ts at the end; returns where it begins. Its length is `end` less that. */
  add(text: string): number;
  readonly end: number;
  /** Forgets what was added from there on. */
  cut(at: number): void;
  byteAt(at: number): number;
  /** Valid until the next text is added. */
  bytes(at: number, length: number): Buffer;
  text(at: number, length: number): string;
}

export function createTexts(): Texts {
  let kept = Buffer.alloc(1 << 12);
  let end = 0;

  function reserve(length: number): void {
    if (end + length <= kept.length) return;
    const more = Buffer.alloc(Math.max(end + length, kept.length * 2));
    kept.copy(more, 0, 0, end);
    kept = more;
  }

  /** Whether it was one byte for each character, and is kept. */
  function addPlain(text: string): boolean {
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      kept[end + index] = code;
    }
    end += text.length;
    return true;
  }

  return {
    add(text) {
      const start = end;
      reserve(text.length);
      if (!addPlain(text)) {
        const bytes = pathBytes(text);
        reserve(bytes.length);
        bytes.copy(kept, end);
        end += bytes.length;
      }
      return start;
    },
    get end() {
      return end;
    },
    cut(at) {
      end = at;
    },
    byteAt: (at) => kept[at]!,
    bytes: (at, length) => kept.subarray(at, at + length),
    text: (at, length) => decodeName(kept.subarray(at, at + length)),
  };
}
