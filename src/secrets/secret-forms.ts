// How the value of a secret can look in bytes: as it is, base64 at each alignment, URL-encoded, hex, escaped in JSON.

export interface SecretValue {
  /** What messages call it: `secret npm`. */
  name: string;
  value: Buffer;
  /** Where it is a plain word, which files have by chance, it is masked and not refused. */
  oftenWord?: boolean;
}

/** Bytes that give a secret away. */
export interface SecretForm {
  name: string;
  /** `base64`, `hex`, `URL-encoded`, `escaped`; '' for the value itself. */
  encoding: string;
  bytes: Buffer;
}

/** Another one where more is found than before: what was searched is searched again then. */
export const formsVersion = 1;

/** Shorter values are in many files by chance, and are not looked for there. */
const shortestSecret = 8;
/** Shorter ones are in any text. */
const shortestShown = 4;

const mostTokens = 64;
const longest = 512;
/** Pieces of it would be found by chance. */
const shortBase64 = 38;

/** What a commit must not hold: the value, and of long ones each part that can't be chance. */
export function refusedForms({ name, value, oftenWord }: SecretValue): SecretForm[] {
  return distinct(
    secretTexts(value)
      .flatMap((text) => [text, ...tokensOf(text)])
      .filter((text) => text.length >= shortestSecret && !isCommon(text, oftenWord))
      .flatMap((text) => formsOf(name, text)),
  );
}

/** What data must not hold: also common words, and each line of values that have several. */
export function maskedForms(secret: SecretValue): SecretForm[] {
  const { name, value } = secret;
  const texts = secretTexts(value);
  const lines = texts.flatMap((text) => split(text));
  const whole = [...texts, ...lines].filter(({ length }) => length >= shortestSecret && length <= longest);
  return distinct([
    ...refusedForms(secret),
    ...whole.flatMap((text) => formsOf(name, text)),
    ...whole.map((text) => ({
      name,
      encoding: 'base64',
      bytes: Buffer.from(Buffer.from(text, 'latin1').toString('base64')),
    })),
  ]);
}

/** Shorter values that are neither a word nor a number: a text that is shown does without them, data such as digests may have them by chance. */
export function shownForms({ name, value }: SecretValue): SecretForm[] {
  return secretTexts(value)
    .filter(({ length }) => length >= shortestShown && length < shortestSecret)
    .filter((text) => !/^(?:[a-zA-Z]+|\d+)$/.test(text))
    .map((text) => ({ name, encoding: '', bytes: Buffer.from(text, 'latin1') }));
}

const marker = /-----BEGIN [^-\n]{1,60}-----/;
const privateKey =
  /-----BEGIN [^-\n]{0,60}PRIVATE KEY[^-\n]{0,20}-----[\s\S]{0,100000}?-----END [^-\n]{1,60}-----/g;

const words = [
  'access|admin|administrator|anonymous|changeme|credentials?|database|default|demo|development|disabled|dummy|enabled',
  'example|guest|key|localhost|mysql|optional|pass|passw0rd|password|placeholder|postgres|private|production|public|qwerty',
  'redis|required|root|sample|secret|staging|test|testing|token|undefined|unknown|user|username',
].join('|');

/** What stands for values in documentation, and is in files of nearly every image: `my-secret`, `password123`. */
const common = new RegExp(`^(?:(?:my|no|${words})[-_.]?)+\\d{0,4}!?$`, 'i');
const series = '012345678901234567890 0987654321 abcdefghijklmnopqrstuvwxyz';
const plain = /^(?:[a-zA-Z]{1,15}|\d{1,11})$/;

function isCommon(text: string, oftenWord = false): boolean {
  const isSeries = /^(.)\1*$/s.test(text) || series.includes(text.toLowerCase());
  return isSeries || common.test(text) || (oftenWord && plain.test(text));
}

/** As latin1, so that each character is a byte. Certificates and public keys are no secrets; private keys beside them are. */
function secretTexts(value: Buffer): string[] {
  const text = value.toString('latin1').replace(/^\s+|\s+$/g, '');
  if (marker.test(text)) return text.match(privateKey) ?? [];
  return text === '' ? [] : [text];
}

const split = (text: string): string[] =>
  text.includes('\n')
    ? text
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => !marker.test(line) && !line.startsWith('-----END '))
    : [];

/** Parts of a value that give it away by themselves: passwords with their names or in addresses, and what looks drawn by lot. */
function tokensOf(text: string): string[] {
  const called = [...text.matchAll(named), ...text.matchAll(login)]
    .map(([, password]) => password!)
    .filter((one) => one !== text && !plain.test(one));
  if (text.length <= 64 && !text.includes('\n')) return called;
  const long = text.match(/[A-Za-z0-9+/_~-]{20,}/g) ?? [];
  const drawn = long.filter(
    (word) =>
      /^(?:[0-9a-f]{32,}|[0-9A-F]{32,})$/.test(word) ||
      (/[0-9]/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word)),
  );
  return [...called.slice(0, mostTokens), ...drawn.slice(0, mostTokens)];
}

/** `password = …`, `"auth": "…"`, `_authToken=…`. */
const named =
  /(?:pass|passwd|password|token|secret|key|auth)["']?[ \t]{0,9}[:=\s][ \t]{0,9}["']?([^\s"',;]{8,512})/gi;
const login = /:\/\/[^\s:@/]{0,100}:([^\s@/]{8,512})@/g;

function formsOf(name: string, text: string): SecretForm[] {
  const value = Buffer.from(text, 'latin1');
  const form = (encoding: string, encoded: string): SecretForm => ({
    name,
    encoding,
    bytes: Buffer.from(middle(encoded), 'latin1'),
  });
  const hex = value.toString('hex');
  return [
    form('', text),
    ...base64Forms(value).map((encoded) => form('base64', encoded)),
    ...urlForms(text).map((encoded) => form('URL-encoded', encoded)),
    ...escapedForms(text).map((encoded) => form('escaped', encoded)),
    form('hex', hex),
    form('hex', hex.toUpperCase()),
  ];
}

/** Of what is very long some bytes from within tell enough; its ends are the same in many files. */
function middle(text: string): string {
  if (text.length <= longest) return text;
  const from = Math.floor(text.length / 2) - longest / 4;
  return text.slice(from, from + longest / 2);
}

/** The characters that no neighbour has a part in, wherever the value begins within three bytes. */
function base64Forms(value: Buffer): string[] {
  const found: string[] = [];
  for (const before of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(before), value]).toString('base64');
    const inner = encoded.slice([0, 2, 3][before], Math.floor(((before + value.length) * 8) / 6));
    for (const part of unbroken(inner)) {
      found.push(part);
      if (/[+/]/.test(part)) found.push(part.replaceAll('+', '-').replaceAll('/', '_'));
    }
  }
  return found;
}

/** Lines may be broken anywhere: of long ones there are two pieces next to each other, one of which is whole. */
function unbroken(encoded: string): string[] {
  const { length } = encoded;
  if (length <= shortBase64) {
    const broken = Array.from({ length: length - 1 }, (_, index) => index + 1);
    return [encoded, ...broken.map((at) => `${encoded.slice(0, at)}\n${encoded.slice(at)}`)];
  }
  const half = Math.floor(length / 2);
  const size = Math.min(half, 32);
  return [encoded.slice(half - size, half), encoded.slice(half, half + size)];
}

/** Each byte as percent-encoding has it; `keep` stay as they are. */
function percent(text: string, keep: RegExp, upper: boolean): string {
  return [...text]
    .map((character) => {
      if (keep.test(character)) return character;
      const hex = character.charCodeAt(0).toString(16).padStart(2, '0');
      return `%${upper ? hex.toUpperCase() : hex}`;
    })
    .join('');
}

function urlForms(text: string): string[] {
  const strict = /[A-Za-z0-9_.~-]/;
  const component = /[A-Za-z0-9_.!~*'()-]/;
  const path = /[A-Za-z0-9_.!~*'();/?:@&=+$,#-]/;
  const form = /[A-Za-z0-9_.*-]/;
  return [strict, component, form, path].flatMap((keep) =>
    [true, false].flatMap((upper) => {
      const encoded = percent(text, keep, upper);
      return [encoded, encoded.replaceAll('%20', '+')];
    }),
  );
}

/** As JSON has it, also where `<`, `>` and `&` are written out. */
function escapedForms(text: string): string[] {
  const json = Buffer.from(JSON.stringify(Buffer.from(text, 'latin1').toString('utf8')).slice(1, -1));
  const escaped = json.toString('latin1');
  const html = escaped.replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
  return [escaped, html];
}

function distinct(forms: readonly SecretForm[]): SecretForm[] {
  const known = new Map<string, SecretForm>();
  for (const form of forms) {
    const key = form.bytes.toString('latin1');
    if (form.bytes.length >= shortestSecret && !known.has(key)) known.set(key, form);
  }
  return [...known.values()];
}
