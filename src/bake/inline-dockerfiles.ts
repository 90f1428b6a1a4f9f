// Dockerfiles that stand in bake and Compose files, and where each of their lines lies there.
import type { Place, SourceRange } from '../errors.ts';
import { planBake } from './plan-bake.ts';
import type { BakeInput, BakeTarget } from './read-bake.ts';

export interface BakedDockerfile {
  target: string;
  /** The text of an inline Dockerfile; undefined where it is a file. */
  text: string | undefined;
  /** Of a file: its path from the current folder. */
  path: string | undefined;
  args: Record<string, string>;
  /** Where a range of the text lies in the outer file. */
  locate(range: SourceRange): SourceRange;
  /** Whether what is written on a line of the text stands there just so in the outer file. */
  isVerbatim(line: number): boolean;
}

/** Of each target one, in their order; inherited ones once. @throws as readBake */
export async function readInlineDockerfiles(input: BakeInput): Promise<BakedDockerfile[]> {
  const { targets } = await planBake({ ...input, names: ['*'] });
  const found = new Map<string, BakedDockerfile>();
  for (const target of targets) {
    const { inline, inlinePlace, dockerfile, context } = target;
    const isFar = /^\w+:\/\/|^git@/.test(dockerfile ?? '') || /^\w+:\/\/|^git@/.test(context);
    if (inline === undefined && (isFar || dockerfile === undefined)) continue;
    const outer = input.files.find(({ name }) => name === inlinePlace?.file)?.text ?? '';
    const { start } = inlinePlace?.range ?? { start: { line: 0, column: 0 } };
    const key =
      inline === undefined
        ? `file ${dockerfile}`
        : `${inlinePlace?.file} ${start.line}:${start.column}\n${inline}`;
    if (found.has(key)) continue;
    found.set(key, {
      target: target.name,
      text: inline,
      path: dockerfile,
      args: argsOf(target),
      ...createLineMap(outer, inlinePlace, inline ?? ''),
    });
  }
  return [...found.values()];
}

function argsOf({ settings }: BakeTarget): Record<string, string> {
  const { flags = [] } = settings.find(({ key }) => key === 'args') ?? {};
  return Object.fromEntries(
    flags
      .filter((_, index) => index % 2 === 1)
      .map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );
}

/** Lines with variables are written otherwise in the outer file: its other lines tell how far in it stands. */
function createLineMap(
  outer: string,
  place: Place | undefined,
  inline: string,
): Pick<BakedDockerfile, 'locate' | 'isVerbatim'> {
  const outerLines = outer.split('\n');
  const lines = inline.split('\n');
  const whole = place?.range ?? { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  const first = whole.start.line - 1;
  const fits = (line: string, at: number) => outerLines[at]?.trimEnd().endsWith(line.trimEnd()) ?? false;
  const filled = [...lines.entries()].filter(([, line]) => line.trim() !== '');
  const count = (begin: number) => filled.filter(([index, line]) => fits(line, begin + index)).length;
  // A block begins on the line below its key or its marker.
  const begins = [first, first + 1, first + 2].sort((a, b) => count(b) - count(a));
  const begin = filled.length > 0 && count(begins[0]!) * 2 >= filled.length ? begins[0] : undefined;
  const shiftOf = (index: number): number | undefined => {
    const line = lines[index]!;
    const at = begin! + index;
    return fits(line, at) ? outerLines[at]!.trimEnd().length - line.trimEnd().length : undefined;
  };
  const shifts = begin === undefined ? [] : filled.flatMap(([index]) => shiftOf(index) ?? []);
  const usual = shifts[0] ?? 0;
  return {
    locate({ start, end }) {
      if (begin === undefined) return whole;
      const move = ({ line, column }: SourceRange['start']) => {
        const index = Math.min(line, lines.length) - 1;
        return { line: begin + index + 1, column: column + (shiftOf(index) ?? usual) };
      };
      return { start: move(start), end: move(end) };
    },
    isVerbatim: (line) => begin !== undefined && line <= lines.length && shiftOf(line - 1) !== undefined,
  };
}
