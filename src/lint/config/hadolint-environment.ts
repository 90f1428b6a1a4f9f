// Where hadolint looks for its config file, and what it takes from the environment.
import { type ConfigWarning, type LintSource, labelTypes, severityNames, thresholds } from './source.ts';

/** Where hadolint looks, in its order; the first that is there is the only one. */
export function hadolintConfigPaths(cwd: string, home: string, xdg: string | undefined): string[] {
  const folders = [
    `${cwd}/.hadolint`,
    `${xdg || `${home}/.config`}/hadolint`,
    `${home}/.hadolint/hadolint`,
    `${home}/.hadolint/config`,
    `${home}/.hadolint`,
  ];
  return folders.flatMap((path) => [`${path}.yaml`, `${path}.yml`]);
}

const truthy = ['1', 'y', 'on', 'true', 'yes'];

/** Values that hadolint would not take count as not given, and are told of. */
export function readHadolintEnvironment(env: Readonly<Record<string, string | undefined>>): {
  source: LintSource;
  warnings: ConfigWarning[];
} {
  const warnings: ConfigWarning[] = [];
  const flag = (name: string) => {
    const value = env[name];
    return value === undefined ? undefined : truthy.includes(value.toLowerCase());
  };
  const list = (name: string) =>
    (env[name] ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
  const rules = (name: string) => list(name).map((rule) => ({ name: rule }));
  const threshold = env['HADOLINT_FAILURE_THRESHOLD'];
  const failureThreshold = thresholds.find((one) => one === threshold?.toLowerCase());
  if (threshold && failureThreshold === undefined)
    warnings.push({
      message: `HADOLINT_FAILURE_THRESHOLD is ${JSON.stringify(threshold)}`,
      hint: `one of ${thresholds.join(', ')}`,
      place: undefined,
    });
  const labelSchema: NonNullable<LintSource['labelSchema']> = {};
  for (const label of list('HADOLINT_REQUIRE_LABELS')) {
    const colon = label.lastIndexOf(':');
    const type = labelTypes.find((one) => one === label.slice(colon + 1));
    if (colon > 0 && type !== undefined) labelSchema[label.slice(0, colon)] = type;
    else
      warnings.push({
        message: `HADOLINT_REQUIRE_LABELS has ${JSON.stringify(label)}`,
        hint: `NAME:TYPE, the type being one of ${labelTypes.join(', ')}`,
        place: undefined,
      });
  }
  const source: LintSource = {
    noFail: flag('HADOLINT_NOFAIL'),
    verbose: flag('HADOLINT_VERBOSE'),
    strictLabels: flag('HADOLINT_STRICT_LABELS'),
    noPragmas: flag('HADOLINT_DISABLE_IGNORE_PRAGMA'),
    failureThreshold,
    formats: list('HADOLINT_FORMAT'),
    ignored: rules('HADOLINT_IGNORE'),
    overrides: severityNames.flatMap((severity) =>
      rules(`HADOLINT_OVERRIDE_${severity.toUpperCase()}`).map((rule) => ({ rule, severity })),
    ),
    trustedRegistries: list('HADOLINT_TRUSTED_REGISTRIES'),
    labelSchema,
  };
  return { source, warnings };
}
