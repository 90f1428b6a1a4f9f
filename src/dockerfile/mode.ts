// Modes of --chmod: octal, or symbolic as chmod(1) takes them.
import { SlipwayError } from '../errors.ts';

export interface Chmod {
  /** The bits of an octal mode; undefined for a symbolic one. */
  octal: number | undefined;
  /** The new permission bits (with setuid, setgid and sticky) of a file that has `mode`. */
  apply(mode: number, isDir: boolean): number;
}

type Change = (mode: number, original: { mode: number; isDir: boolean }) => number;

const classes = {
  u: { shift: 6, special: 0o4000 },
  g: { shift: 3, special: 0o2000 },
  o: { shift: 0, special: 0 },
};
type Class = keyof typeof classes;
const bits: Record<string, number> = { r: 4, w: 2, x: 1 };

/**
 * @throws ERR_SYNTAX where the text is neither octal digits up to 07777 nor clauses such as `u=rwX,go=rX`.
 */
export function parseChmod(text: string): Chmod {
  if (/^[0-7]+$/.test(text)) {
    const octal = Number.parseInt(text, 8);
    if (octal <= 0o7777) return { octal, apply: () => octal };
  }
  if (/^\d/.test(text)) throw refuse(text, 'it should be octal string and between 0 and 07777');
  const changes = text.split(',').flatMap((clause) => parseClause(clause, text));
  return {
    octal: undefined,
    apply: (mode, isDir) =>
      changes.reduce((now, change) => change(now, { mode: mode & 0o7777, isDir }), mode & 0o7777),
  };
}

function parseClause(clause: string, text: string): Change[] {
  const found = /^([augo]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause);
  if (found === null) throw refuse(text, `"${clause}" is no clause of a mode`);
  const named = found[1]!;
  const who = (['u', 'g', 'o'] as Class[]).filter(
    (one) => named === '' || named.includes('a') || named.includes(one),
  );
  return [...found[2]!.matchAll(/([-+=])([rwxXst]*|[ugo])(?=[-+=]|$)/g)].map(([, op, what]) =>
    createChange(who, op!, what!),
  );
}

/** One operation on some classes. The sticky bit is touched only where it is named, and not for `o` alone. */
function createChange(who: Class[], op: string, what: string): Change {
  return (mode, original) => {
    let set = 0;
    let touched = 0;
    for (const one of who) {
      const { shift, special } = classes[one];
      touched |= (7 << shift) | special;
      set |= permissionsFor(what, mode, original) << shift;
      if (what.includes('s')) set |= special;
    }
    if (what.includes('t') && who.some((one) => one !== 'o')) set |= 0o1000;
    if (op === '+') return mode | set;
    if (op === '-') return mode & ~set;
    return (mode & ~touched) | set;
  };
}

function permissionsFor(what: string, mode: number, original: { mode: number; isDir: boolean }): number {
  if (what === 'u' || what === 'g' || what === 'o') return (mode >> classes[what].shift) & 7;
  let value = 0;
  for (const letter of what) value |= bits[letter] ?? 0;
  if (what.includes('X') && (original.isDir || (original.mode & 0o111) !== 0)) value |= 1;
  return value;
}

function refuse(text: string, why: string): SlipwayError {
  return new SlipwayError('ERR_SYNTAX', `invalid chmod parameter: '${text}'. ${why}`, {
    hint: 'write --chmod=644 or --chmod=u=rwX,go=rX',
  });
}
