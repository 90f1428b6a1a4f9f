// The choice between the renderers of progress.
import { createPlainProgress } from './plain.ts';
import type { Progress, ProgressMode, ProgressOptions } from './progress.ts';
import { createRawJsonProgress } from './raw-json.ts';
import { createTtyProgress } from './tty.ts';

export function createProgress(mode: ProgressMode, options: ProgressOptions): Progress {
  switch (mode) {
    case 'plain':
      return createPlainProgress(options);
    case 'tty':
      return createTtyProgress(options);
    case 'rawjson':
      return createRawJsonProgress(options);
    case 'quiet':
    case 'none':
      return { onEvent: () => {}, finish: () => {} };
  }
}
