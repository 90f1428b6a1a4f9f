// Servers that quote the login of a request in what they say.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failure } from '../../src/registry/failure.ts';
import { sentSecrets, withoutSent } from '../../src/registry/sent-secrets.ts';

const test = suite('registry/sent-secrets');

const basic = Buffer.from('bob:open/sesame 5').toString('base64');
const sent = sentSecrets({ headers: { authorization: `Basic ${basic}` } });

test('a login, its password and tokens are taken out of words', () => {
  assert.is(
    withoutSent(`bad Basic ${basic}, open/sesame 5 or open%2Fsesame%205`, sent),
    'bad Basic ***, *** or ***',
  );
  const token = sentSecrets({ headers: { authorization: 'Bearer abc.def.ghi' } });
  assert.is(withoutSent('no abc.def.ghi', token), 'no ***');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const refresh = sentSecrets({ headers: form, body: 'grant_type=refresh_token&refresh_token=r1%2Br2' });
  assert.is(withoutSent('r1+r2 r1%2Br2', refresh), '*** ***');
  assert.equal(sentSecrets({}), []);
  assert.is(withoutSent('as it is'), 'as it is');
});

test('an error says nothing of them, however the server spells its answer', () => {
  for (const body of [
    JSON.stringify({ errors: [{ code: `X-${basic}`, message: 'wrong password: open/sesame 5' }] }),
    JSON.stringify({ details: `got ${basic}` }).replaceAll('/', '\\/'),
    `invalid credentials ${basic}\n`,
  ]) {
    const answer = {
      status: 401,
      headers: {},
      url: new URL('https://registry.example.com/v2/'),
      foreign: false,
    };
    const error = failure(
      { ...answer, sent, bytes: Buffer.from(body), truncated: false },
      { registry: 'registry.example.com', what: 'it', absent: 'ERR_REGISTRY' },
    );
    assert.match(error.message, '***');
    assert.not.match(error.message, basic);
    assert.not.match(error.message, 'sesame');
  }
});

test.run();
