// Files that say what is built and how: bake files in HCL and JSON, Compose files, configs of the linter, lock files, policies.
import { listBake, readBake, readBakedDockerfiles } from '../../../src/bake/read-bake.ts';
import { compileTemplate } from '../../../src/cli/template/template.ts';
import { isSlipwayError } from '../../../src/errors.ts';
import { parseSourcePolicy } from '../../../src/graph/parse-source-policy.ts';
import { readBaseline } from '../../../src/lint/baseline.ts';
import { createPlan } from '../../../src/lint/config/create-plan.ts';
import { readHadolintConfig } from '../../../src/lint/config/hadolint-config.ts';
import { readSlipwayConfig } from '../../../src/lint/config/slipway-config.ts';
import { ruleSummaries } from '../../../src/lint/rule-summaries.ts';
import { formatLock, parseLock } from '../../../src/lock/lock-file.ts';
import { bakeInput } from '../../bake/bake-input.ts';
import { documents, type FuzzTarget, must, texts } from '../fuzz-target.ts';
import { fixtureFiles } from './dockerfiles.ts';

async function attempt(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
  }
}

async function bake(name: string, input: Buffer): Promise<void> {
  const given = bakeInput(
    { [name]: input.toString('utf8') },
    { env: { A: 'a' }, dotEnv: name === 'compose.yaml' ? 'B=c\n' : undefined },
  );
  await attempt(async () => (await readBake(given)).print());
  await attempt(() => listBake(given));
  await attempt(() => readBakedDockerfiles(given));
}

const hclWords = [
  ...[
    'target "a" {\n',
    'group "default" {',
    'variable "A" {',
    'function "f" {',
    '}\n',
    'inherits = ["a"]\n',
    'matrix = {a=["x","y"]}\n',
  ],
  ...[
    '${',
    '%{ for x in y }',
    '%{ endfor }',
    '%{ if ',
    '%{ endif }',
    '~}',
    '<<EOT\n',
    '\nEOT\n',
    '[for x in range(100) : ',
    '[*]',
    '...',
    ' ? ',
    ' : ',
  ],
  ...[
    'join(",", ',
    'range(1000000)',
    'format("%999999d", 1)',
    'regex("(a+)+$", "',
    'regexreplace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a*)*b", "")',
  ],
  ...[
    'timestamp()',
    'setproduct(range(100), range(100), range(100))',
    'strrev(',
    'base64encode(',
    'substr("x", 0, 99999999)',
    'pow(10,400)',
    'parseint("zz", 99)',
  ],
  ...[
    '((((((((',
    '!!!!!!!!',
    '--------',
    '"',
    '\\u',
    '\\N',
    '//',
    '/*',
    '#',
    '__proto__',
    '\0',
    '\ufeff',
    '\u202e',
    '==',
    '&&',
    '1e999',
    '.0.0.0',
  ],
];

const hcl: FuzzTarget = {
  name: 'hcl',
  corpus: () => [
    ...fixtureFiles('bake', (name) => name.endsWith('.hcl')),
    ...texts(
      'variable "A" {\n  default = "x"\n  validation {\n    condition = A != ""\n    error_message = "no ${A}"\n  }\n}\nfunction "f" {\n  params = [a]\n  variadic_params = b\n  result = upper("${a}-%{ for x in b }${x}%{ endfor }")\n}\ntarget "default" {\n  name = "t-${v}"\n  matrix = { v = ["1", "2"] }\n  args = { A = f(v, "y"), B = join(",", [for k, x in {a=1} : "${k}${x}" if x > 0]) }\n  tags = formatlist("%s:%d", ["a"], [1])\n  dockerfile-inline = <<-EOT\n    FROM a\n  EOT\n}\n',
    ),
  ],
  words: hclWords,
  run: (input) => bake('docker-bake.hcl', input),
};

const json: FuzzTarget = {
  name: 'bake-json',
  corpus: () => fixtureFiles('bake', (name) => name.endsWith('docker-bake.json')),
  words: [...hclWords, '{"a":', '[[[[', '"target":', '"__proto__":{},'],
  run: (input) => bake('docker-bake.json', input),
};

const yamlWords = [
  ...[
    'services:\n',
    '  a:\n    build: .\n',
    '    args:\n',
    '      - A=b\n',
    '<<: *x\n',
    '&x ',
    '*x',
    '- ',
    ': ',
    '\n  ',
    '{',
    '[',
    '|\n  ',
    '>-\n',
    '!!binary ',
    '!!js/x ',
  ],
  ...[
    '${A:-x}',
    '${A:?}',
    '$$',
    '"',
    "'",
    '? ',
    '---\n',
    '...\n',
    '%YAML 1.2\n',
    '\t',
    '__proto__',
    'x-bake:\n',
    '\0',
    '\u202e',
    '# c\n',
    '1_000',
    '0o7',
    '.inf',
  ],
];

const compose: FuzzTarget = {
  name: 'compose',
  corpus: () => [
    ...fixtureFiles('bake', (name) => name.endsWith('.yaml')),
    ...texts(
      'x-a: &a {b: "${A}"}\nservices:\n  web:\n    image: r.example.com/a:${B:-1}\n    build:\n      context: .\n      args: {<<: *a, X: 1}\n      secrets: [s]\n      dockerfile_inline: |\n        FROM a\n      x-bake:\n        tags: [a, b]\nsecrets:\n  s: {file: ./x}\n',
      'a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n',
    ),
  ],
  words: yamlWords,
  run: (input) => bake('compose.yaml', input),
};

const lintConfigs: FuzzTarget = {
  name: 'lint-config',
  corpus: () =>
    texts(
      'failure-threshold: warning\nignored: [DL3000, SC1010]\noverride:\n  error: [DL3001]\ntrustedRegistries: [docker.io, "*.example.com"]\nlabel-schema:\n  author: text\n  created: rfc3339\nstrict-labels: true\n',
      'lint:\n  rules:\n    DL3008: off\n    SW001: error\n  overrides:\n    - files: ["**/x", "!y"]\n      rules: {DL3003: warning}\n  fail-on: error\n  output: [sarif]\n',
    ),
  words: [...yamlWords, 'ignored: ', 'override: ', 'lint:\n', 'rules:\n', 'DL3008', '!', '**/[', 'off'],
  async run(input) {
    const text = input.toString('utf8');
    const none = { source: {} as never, warnings: [] };
    const rules = ruleSummaries;
    const read = async <T>(work: () => T): Promise<T | undefined> => {
      try {
        return work();
      } catch (error) {
        if (isSlipwayError(error)) return undefined;
        throw error;
      }
    };
    const hadolint = await read(() => readHadolintConfig(text, '.hadolint.yaml'));
    const slipway = await read(() => readSlipwayConfig(text, 'slipway.yaml'));
    await attempt(() =>
      createPlan({
        rules,
        hadolint: hadolint ? [hadolint.source] : [],
        slipway,
        commandLine: none.source,
      }).settingsFor('a/x'),
    );
    await attempt(() => readBaseline(text, 'baseline'));
  },
};

const locks: FuzzTarget = {
  name: 'lock',
  corpus: () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    return [
      ...documents(
        {
          version: 1,
          images: { 'docker.io/library/a:1': { digest, platforms: { 'linux/amd64': digest } } },
          git: {},
          urls: {},
        },
        {
          rules: [
            { action: 'DENY', selector: { identifier: 'docker-image://*', matchType: 'REGEX' } },
            {
              action: 'CONVERT',
              selector: { identifier: 'https://a/*' },
              updates: { identifier: 'https://b/${1}' },
            },
          ],
        },
      ),
      ...texts(
        '{{range .a}}{{if eq .b "x"}}{{json .}}{{else}}{{printf "%-10s|%v" .c .d}}{{end}}{{end}}',
        'table {{.ID}}\t{{.Name | upper}}',
      ),
    ];
  },
  words: [
    '{{',
    '}}',
    '{{end}}',
    '{{range ',
    '{{with ',
    '{{$x := ',
    '|',
    '"',
    '`',
    'printf "%*s" 99999999 "x"',
    '%99999999d',
    '.',
    '__proto__',
    '(a+)+$',
    '[',
    '\\',
    '"digest":',
    '*',
  ],
  async run(input) {
    const text = input.toString('utf8');
    await attempt(() => {
      const lock = parseLock(text, 'slipway.lock');
      must(
        formatLock(parseLock(formatLock(lock), 'slipway.lock')) === formatLock(lock),
        'a lock file reads otherwise',
      );
    });
    await attempt(() => parseSourcePolicy(text, 'policy.json'));
    await attempt(() => compileTemplate(text));
  },
};

export const settingTargets: FuzzTarget[] = [hcl, json, compose, lintConfigs, locks];
