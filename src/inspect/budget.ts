// Limits for an image: what they are, and whether it keeps to them.
import { SlipwayError } from '../errors.ts';
import { readAmount } from './amount.ts';
import type { BudgetResult, LayersReport } from './layers-report.ts';

export type BudgetSubject = 'image' | 'layer' | 'wasted' | 'files' | 'efficiency' | 'duplicates';

export interface Budget {
  subject: BudgetSubject;
  /** Bytes, per cent or a count. */
  limit: number;
  isPercent: boolean;
  /** As it was written: `wasted=5%`. */
  text: string;
}

const subjects: readonly string[] = ['image', 'layer', 'wasted', 'files', 'efficiency', 'duplicates'];
const form = 'image=200MB,layer=80MB,wasted=5%,wasted=20MB,duplicates=10MB,files=5000,efficiency=95%';

/**
 * `image=200MB,wasted=5%`. MB is a million bytes, MiB 2^20; a subject may be given as bytes and as a share.
 * @throws ERR_USAGE
 */
export function parseBudgets(text: string): Budget[] {
  return text.split(',').map((field) => {
    const [, subject = '', amount = ''] = /^\s*([a-z]+)\s*=\s*(.+?)\s*$/i.exec(field) ?? [];
    const name = subject.toLowerCase();
    if (!subjects.includes(name)) throw wrong(field, `it begins with one of ${subjects.join(', ')}`);
    const found = readAmount(amount);
    if (!found) throw wrong(field, 'the limit is a size (80MB), a share (5%) or a number');
    const isPercent = found.unit === 'percent';
    const isShare = name === 'wasted' || name === 'efficiency' || name === 'duplicates';
    if (isPercent && !isShare) throw wrong(field, 'only wasted, duplicates and efficiency are shares');
    if (name === 'efficiency' && !isPercent) throw wrong(field, 'efficiency is a share: 95%');
    if (name === 'files' && found.unit !== 'none') throw wrong(field, 'files are counted: 5000');
    return { subject: name as BudgetSubject, limit: found.value, isPercent, text: field.trim() };
  });
}

function wrong(field: string, what: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', `${JSON.stringify(field)} is no budget: ${what}`, {
    hint: `write for example --budget ${form}`,
  });
}

/** @param size how bytes are written */
export function checkBudgets(
  { total, layers }: Pick<LayersReport, 'total' | 'layers'>,
  budgets: readonly Budget[],
  size: (bytes: number) => string,
): BudgetResult[] {
  const largest = layers.reduce((most, { bytes }, index) => (bytes > layers[most]!.bytes ? index : most), 0);
  const share = (bytes: number): number => (total.bytes === 0 ? 0 : (bytes / total.bytes) * 100);
  return budgets.map(({ subject, limit: allowed, isPercent, text: limit }) => {
    const write = (value: number): string =>
      isPercent ? `${Number(value.toFixed(2))} %` : subject === 'files' ? String(value) : size(value);
    const amounts: Record<BudgetSubject, [number, string]> = {
      image: [total.bytes, 'the image has'],
      layer: [layers[largest]?.bytes ?? 0, `layer ${largest + 1} has`],
      wasted: [isPercent ? total.wastedPercent : total.wasted, 'wasted are'],
      duplicates: [isPercent ? share(total.duplicates) : total.duplicates, 'duplicates take'],
      files: [total.files, 'files:'],
      efficiency: [total.efficiency * 100, 'the efficiency is'],
    };
    const [actual, words] = amounts[subject];
    const exceeded = subject === 'efficiency' ? actual < allowed : actual > allowed;
    const bound = subject === 'efficiency' ? 'at least' : 'at most';
    return {
      limit,
      allowed,
      actual,
      exceeded,
      text: `${words} ${write(actual)}, ${bound} ${write(allowed)} are allowed`,
    };
  });
}
