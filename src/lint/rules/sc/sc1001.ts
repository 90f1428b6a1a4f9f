// SC1001: a backslash in front of a plain letter is dropped.
import { shellRule } from './shell-rule.ts';
import { unquotedEscapes } from './unquoted-escapes.ts';

export const sc1001 = shellRule({
  code: 'SC1001',
  name: 'IdleBackslash',
  description: 'A backslash should stand in front of what means something to the shell',
  severity: 'info',
  signs: ['\\'],
  *check(code) {
    for (const { place, at, sign } of unquotedEscapes(code)) {
      if (/[|&;<>()\\ '\t\n\r\xa0"$`?*@!+[\]{}.,~#ntr]/.test(sign)) continue;
      yield {
        place,
        message: `The shell drops this backslash: quote it, or write ${sign} alone`,
        from: at,
        to: at + 1,
      };
    }
  },
});
