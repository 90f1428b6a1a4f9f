// Runs the shell examples of a page of docs, in order, in one folder, against a registry of its own.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './cli.ts';
import { startDockerRegistry } from './docker-registry.ts';
import { runCommand } from './run-command.ts';
import { tempDir } from './temp-dir.ts';

/** Code blocks of a language. */
export function blocksOf(page: string, language: string): string[] {
  const text = readFileSync(join(top, page), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code]) => code!,
  );
}

/** Of the password `secret` of `ci`, with bcrypt's least cost. */
const htpasswd = 'ci:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a';

export interface ExampleResult {
  code: string;
  stdout: string;
}

export interface ExampleOptions {
  /** What stands in the examples, and what stands for it here. */
  replace?: Record<string, string>;
  /** Called with the folder when all have run. */
  after?(cwd: string): void;
}

/**
 * @param files of the folder that the examples run in
 * @throws where one fails, with all that was said
 */
export async function runExamples(
  page: string,
  files: Record<string, string>,
  { replace = {}, after }: ExampleOptions = {},
): Promise<ExampleResult[]> {
  await using dir = await tempDir();
  const registry = await startDockerRegistry({ htpasswd });
  try {
    const bin = dir.file('bin');
    mkdirSync(bin);
    const main = join(top, 'dist/cli/main.js');
    writeFileSync(join(bin, 'slipway'), `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`);
    chmodSync(join(bin, 'slipway'), 0o755);
    const cwd = dir.file('work');
    mkdirSync(cwd);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
    const env = {
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: dir.file('home'),
      SLIPWAY_ROOT: dir.file('state'),
      TOKEN: 'secret',
    };
    const results: ExampleResult[] = [];
    for (const code of blocksOf(page, 'sh')) {
      let own = code.replaceAll('registry.example.com', registry.host);
      for (const [from, to] of Object.entries(replace)) own = own.replaceAll(from, to);
      const {
        code: exit,
        stdout,
        stderr,
      } = await runCommand(['bash', '-euo', 'pipefail', '-c', own], { cwd, env });
      if (exit !== 0) throw new Error(`${page}: code ${exit} of\n${code}\n${stdout}\n${stderr}`);
      results.push({ code, stdout: stdout.replaceAll(registry.host, 'registry.example.com') });
    }
    after?.(cwd);
    return results;
  } finally {
    await registry.stop();
  }
}
