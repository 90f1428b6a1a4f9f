// The colours of the progress on a terminal, and BUILDKIT_COLORS, which changes them.
import { SlipwayError } from '../../errors.ts';

/** What stands between `ESC[` and `m`; empty: as the terminal is. */
export interface Colors {
  /** Steps that are done. */
  run: string;
  cancel: string;
  error: string;
  warning: string;
}

export const defaultColors: Colors = { run: '36', cancel: '33', error: '31', warning: '' };

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const form = 'BUILDKIT_COLORS=run=green:warning=yellow:error=red:cancel=255,165,0';

/** Reads `KEY=COLOR:…`, a colour being a name, `light-NAME` or `R,G,B`. @throws ERR_USAGE */
export function readColors(text: string | undefined): Colors {
  const colors = { ...defaultColors };
  for (const field of text ? text.split(':') : []) {
    const [key = '', value = '', ...more] = field.toLowerCase().replaceAll('"', '').split('=');
    const code = codeOf(value);
    if (!Object.hasOwn(colors, key) || code === undefined || more.length > 0) {
      throw new SlipwayError('ERR_USAGE', `BUILDKIT_COLORS has ${JSON.stringify(field)}`, { hint: form });
    }
    colors[key as keyof Colors] = code;
  }
  return colors;
}

function codeOf(value: string): string | undefined {
  if (value === 'default') return '39';
  const isLight = value.startsWith('light-');
  const index = names.indexOf(isLight ? value.slice(6) : value);
  if (index >= 0) return String((isLight ? 90 : 30) + index);
  const parts = value.split(',');
  const isRgb = parts.length === 3 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  return isRgb ? `38;2;${parts.map(Number).join(';')}` : undefined;
}
