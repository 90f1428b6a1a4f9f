// A test that needs something of the machine asks here; where SLIPWAY_REQUIRE names the feature, its absence is a failure.

const required = new Set((process.env['SLIPWAY_REQUIRE'] ?? '').split(',').filter(Boolean));

/** What was skipped, for the runner's closing line. */
export const skipped: string[] = [];

/**
 * Whether the calling test may go on. Prints the reason where it may not.
 * @throws where SLIPWAY_REQUIRE lists the feature (or is `all`) and it is missing.
 */
export function requireFeature(name: string, available: boolean): boolean {
  if (available) return true;
  if (required.has('all') || required.has(name)) throw new Error(`${name} is required here and is missing`);
  skipped.push(name);
  console.log(`  skip: needs ${name}`);
  return false;
}
