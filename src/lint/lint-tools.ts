// What a program around the linter needs: configs, baselines, reports. YAML is loaded where there is some.
import type { SlipwayLintConfig } from './config/slipway-config.ts';
import type { ConfigWarning, LintSource } from './config/source.ts';

export { createIgnoreMatcher, readIgnorePatterns } from '../dockerfile/ignore.ts';
export { compareBaseline, formatBaseline, readBaseline } from './baseline.ts';
export { createPlan } from './config/create-plan.ts';
export { hadolintConfigPaths, readHadolintEnvironment } from './config/hadolint-environment.ts';
export { labelTypes, severityNames, slipwayConfigNames, thresholds } from './config/source.ts';
export { fingerprints, formatReport, reportFormats } from './report/format-report.ts';

/** @throws ERR_SYNTAX with its place */
export async function readHadolintConfig(
  text: string,
  file: string,
): Promise<{ source: LintSource; warnings: ConfigWarning[] }> {
  return (await import('./config/hadolint-config.ts')).readHadolintConfig(text, file);
}

/** The section `lint:`, or undefined. @throws ERR_SYNTAX with its place */
export async function readSlipwayConfig(text: string, file: string): Promise<SlipwayLintConfig | undefined> {
  return (await import('./config/slipway-config.ts')).readSlipwayConfig(text, file);
}
