// --attest, --provenance and --sbom are read as docker's own build reads them.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AttestationFlags, readAttestations } from '../../src/cli/commands/attestation-flags.ts';
import type { SlipwayError } from '../../src/errors.ts';

const read = (flags: Partial<AttestationFlags>) =>
  readAttestations({ attest: [], provenance: undefined, sbom: undefined, ...flags });

function failure(flags: Partial<AttestationFlags>): SlipwayError {
  try {
    read(flags);
  } catch (error) {
    return error as SlipwayError;
  }
  throw new Error(`no error: ${JSON.stringify(flags)}`);
}

const least = { mode: 'min', version: 'v1' };
const test = suite('cli/attestation-flags');

test('nothing is attested unless it is asked for', () => {
  for (const off of ['false', '0', 'F', '', 'disabled=true'])
    assert.is(read({ provenance: off, sbom: off }), undefined);
  assert.is(read({ attest: ['type=sbom,disabled=true'] }), undefined);
});

test('a shorthand is the same as its long form', () => {
  assert.equal(read({ provenance: 'true' }), { provenance: least });
  assert.equal(read({ attest: ['type=provenance'] }), { provenance: least });
  assert.equal(read({ sbom: '1' }), { sbom: true });
  assert.equal(read({ attest: ['type=sbom', 'type=provenance,disabled=false'] }), {
    provenance: least,
    sbom: true,
  });
  const given =
    'mode=max,version=v0.2,builder-id=https://ci.test/1,filename=p.json,reproducible=true,inline-only=1';
  assert.equal(read({ provenance: given }), {
    provenance: {
      ...{ mode: 'max', version: 'v0.2', builderID: 'https://ci.test/1', filename: 'p.json' },
      ...{ reproducible: true, inlineOnly: true },
    },
  });
});

test('what is not known is an error that says what is', () => {
  const wrong: Partial<AttestationFlags>[] = [
    ...[
      '.',
      'yes',
      'mode=all',
      'mod=max',
      'version=v2',
      'filename=../x',
      'filename=..',
      'reproducible=x',
    ].map((provenance) => ({ provenance })),
    ...['type=other', 'mode=max', 'type'].map((text) => ({ attest: [text] })),
    { attest: ['type=sbom'], sbom: 'true' },
    { attest: ['type=sbom', 'type=sbom'] },
  ];
  for (const flags of wrong) assert.is(failure(flags).code, 'ERR_USAGE', JSON.stringify(flags));
  assert.match(failure({ provenance: 'mod=max' }).hint ?? '', 'mode');
  assert.is(failure({ sbom: 'generator=scanner:1' }).code, 'ERR_UNSUPPORTED');
});

test.run();
