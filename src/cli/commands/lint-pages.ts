// What `slipway lint` says of rules: the page of one, and the list of all.
import { existsSync, readFileSync } from 'node:fs';
import { SlipwayError, systemCode } from '../../errors.ts';
import type { Linter } from '../../index.ts';
import { nearest } from '../../nearest.ts';

/** The page of a rule by its code or name, in Markdown. @throws ERR_USAGE */
export function explainRule({ rules }: Linter, word: string): string {
  const wanted = word.toLowerCase();
  const rule = rules.find(({ code, name }) => [code, name].some((one) => one.toLowerCase() === wanted));
  if (rule === undefined) {
    const near = nearest(
      word,
      rules.flatMap(({ code, name }) => [code, name]),
    );
    throw new SlipwayError('ERR_USAGE', `there is no rule ${JSON.stringify(word)}`, {
      hint:
        near === undefined
          ? 'codes are as DL3008; slipway lint --list-rules shows all'
          : `did you mean ${near}?`,
    });
  }
  return readPage(rule.code) ?? `# ${rule.code}\n\n${rule.description}.\n`;
}

/** Pages lie beside the program, whether it is bundled or not. */
export function readPage(code: string): string | undefined {
  for (const url of pageUrls(code)) {
    try {
      return readFileSync(url, 'utf8');
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

/** Where a rule's page lies, as a URL of a file. */
export function findPage(code: string): string | undefined {
  return pageUrls(code).find((url) => existsSync(url))?.href;
}

function pageUrls(code: string): URL[] {
  return ['../../../', '../../', '../../../../'].map(
    (up) => new URL(`${up}docs/rules/${code}.md`, import.meta.url),
  );
}

/** A line for each rule, or JSON. */
export function listRules({ rules }: Linter, isJson: boolean): string {
  if (isJson) return `${JSON.stringify(rules, undefined, 2)}\n`;
  const longest = (of: (rule: Linter['rules'][number]) => string) =>
    Math.max(...rules.map((rule) => of(rule).length));
  const [codes, names] = [longest(({ code }) => code), longest(({ name }) => name)];
  return rules
    .map(({ code, name, severity, off, description }) => {
      const columns = [
        code.padEnd(codes),
        name.padEnd(names),
        (off ? 'off' : severity).padEnd(7),
        description,
      ];
      return `${columns.join('  ')}\n`;
    })
    .join('');
}
