// Limits as people write them: `200MB`, `1.5 GiB`, `5%`, `5000`.

export interface Amount {
  /** Bytes, per cent (0 to 100), or a bare number, which may stand for bytes as well. */
  unit: 'bytes' | 'percent' | 'none';
  value: number;
}

const powers: Record<string, number> = { '': 0, k: 1, m: 2, g: 3, t: 4 };

/** MB is a million bytes, MiB 2^20. @returns undefined for what is no amount */
export function readAmount(text: string): Amount | undefined {
  const [, digits, percent, prefix = '', binary, byte] =
    /^(\d+(?:\.\d+)?) *(?:(%)|([kmgt]?)(i?)(b?))$/i.exec(text) ?? [];
  if (digits === undefined || (binary && !prefix)) return undefined;
  if (percent) return { unit: 'percent', value: Number(digits) };
  const factor = (binary ? 1024 : 1000) ** powers[prefix.toLowerCase()]!;
  return { unit: prefix || byte ? 'bytes' : 'none', value: Number(digits) * factor };
}
