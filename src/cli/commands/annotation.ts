// Annotations as docker's build takes them: `--annotation [type[platform]:]key=value`, and attributes of --output.
import { SlipwayError } from '../../errors.ts';
import { type Annotation, localPlatform, parsePlatform } from '../../index.ts';
import { suggestionHint } from '../suggest.ts';

const types = ['manifest', 'index', 'manifest-descriptor', 'index-descriptor'] as const;
const place = /^([a-z-]+)(?:\[([A-Za-z0-9_/-]+)\])?$/;
const attribute = /^annotation(?:-([a-z-]+))?(?:\[([A-Za-z0-9_/-]+)\])?\.(\S+)$/;

/**
 * The value of `--annotation`: several places may stand before the key, with commas between them.
 * @throws ERR_USAGE, ERR_PLATFORM
 */
export function parseAnnotation(text: string): Annotation[] {
  const equals = text.indexOf('=');
  const before = equals < 0 ? '' : text.slice(0, equals);
  const colon = before.indexOf(':');
  const key = before.slice(colon + 1);
  if (key === '') throw usage(`--annotation: ${JSON.stringify(text)} is not written key=value`);
  const value = text.slice(equals + 1);
  if (colon < 0) return [{ type: 'manifest', key, value }];
  return before
    .slice(0, colon)
    .split(',')
    .map((where) => {
      const [, type, platform] = place.exec(where) ?? [];
      if (type === undefined)
        throw usage(`--annotation: ${JSON.stringify(where)} is no type with a platform in brackets`);
      return makeAnnotation({ type, platform }, key, value);
    });
}

/** Whether an attribute's name is one of `annotation.KEY`, `annotation-TYPE[PLATFORM].KEY`. */
export function isAnnotationAttribute(name: string): boolean {
  return /^annotation[-.[]/.test(name);
}

/** @throws ERR_USAGE, ERR_PLATFORM */
export function parseAnnotationAttribute(name: string, value: string): Annotation {
  const [, type = 'manifest', platform, key] = attribute.exec(name) ?? [];
  if (key === undefined)
    throw usage(`--output: ${JSON.stringify(name)} is not written annotation-TYPE[PLATFORM].KEY`);
  return makeAnnotation({ type, platform }, key, value);
}

function makeAnnotation(
  where: { type: string; platform: string | undefined },
  key: string,
  value: string,
): Annotation {
  const type = types.find((one) => one === where.type);
  if (!type) {
    throw new SlipwayError('ERR_USAGE', `there is no annotation type ${JSON.stringify(where.type)}`, {
      hint: suggestionHint(where.type, types),
    });
  }
  // An index has no platform.
  if (where.platform === undefined || type.startsWith('index')) return { type, key, value };
  return { type, platform: parsePlatform(where.platform, localPlatform(process)), key, value };
}

function usage(message: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', message, {
    hint: '--annotation org.opencontainers.image.title=app, or "index,manifest[linux/arm64]:key=value"',
  });
}
