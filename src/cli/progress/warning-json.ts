// A warning as BuildKit's JSON (client.VertexWarning): texts in base64, characters counted from 0.
import type { BuildEvent } from '../../index.ts';

export function warningJson(event: Extract<BuildEvent, { type: 'warning' }>): object {
  const range = event.place?.range;
  return {
    level: 1,
    short: base64(event.message),
    ...(event.hint ? { detail: [base64(event.hint)] } : {}),
    ...(event.place?.file ? { sourceInfo: { filename: event.place.file } } : {}),
    ...(range
      ? {
          range: [
            {
              start: { line: range.start.line, character: range.start.column - 1 },
              end: { line: range.end.line, character: range.end.column - 1 },
            },
          ],
        }
      : {}),
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
