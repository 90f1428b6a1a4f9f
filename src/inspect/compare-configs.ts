// Two images' configs, field by field: lists of names and sets of keys by their members.
import type { ImageConfig } from '../oci/config.ts';
import type { ConfigDifference } from './image-diff.ts';

/** Times and history, which differ between any two builds, and layers are left out. */
export function compareConfigs(before: ImageConfig, after: ImageConfig): ConfigDifference[] {
  const one = fieldsOf(before);
  const other = fieldsOf(after);
  const fields = new Set([...one.keys(), ...other.keys()]);
  return [...fields]
    .filter((field) => JSON.stringify(one.get(field)) !== JSON.stringify(other.get(field)))
    .sort()
    .map((field) => ({ field, before: one.get(field), after: other.get(field) }));
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

function fieldsOf(image: ImageConfig): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  const set = (field: string, value: unknown): void => {
    if (!isEmpty(value)) fields.set(field, value);
  };
  set('Author', image.author);
  set('Os', image.os);
  set('Os version', image['os.version']);
  set('Architecture', image.architecture);
  set('Variant', image.variant);
  for (const [name, value] of Object.entries(image.config ?? {})) {
    if (name === 'Env' && Array.isArray(value)) {
      for (const text of value as string[]) {
        const equals = text.indexOf('=');
        const key = equals < 0 ? text : text.slice(0, equals);
        fields.set(`Env ${key}`, equals < 0 ? '' : text.slice(equals + 1));
      }
    } else if (name === 'Labels') {
      for (const [key, text] of Object.entries((value ?? {}) as Record<string, string>))
        fields.set(`Labels ${key}`, text);
    } else if (name === 'ExposedPorts' || name === 'Volumes') {
      for (const key of Object.keys((value ?? {}) as object)) fields.set(`${name} ${key}`, true);
    } else set(name, value);
  }
  return fields;
}
