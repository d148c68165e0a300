import { expect, test } from 'vitest';
import { findCredentials, parseDockerConfig } from './credentials.ts';
import { OciError } from './error.ts';
import { parseReference } from './reference.ts';

const basic = (username: string, password = 'p'): object => ({ kind: 'basic', username, password });
const auth = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString('base64') });

const config = JSON.stringify({
  auths: {
    'https://index.docker.io/v1/': auth('docker:a:b'),
    'ghcr.io': { username: 'cat', password: 'p' },
    'registry.test:5000/team': auth('team:p'),
    'registry.test:5000/team/web': auth('web:p'),
    '*.pkg.test': auth('star:p'),
    'azure.test': { ...auth('ignored:x'), identitytoken: 'refresh' },
    'empty.test': {},
  },
  credsStore: 'desktop',
});
const entries = parseDockerConfig(config, 'config.json');

test.for([
  ['hello', basic('docker', 'a:b')],
  ['ghcr.io/acme/x:1', basic('cat')],
  ['registry.test:5000/team/api:1', basic('team')],
  ['registry.test:5000/team/web:1', basic('web')],
  ['registry.test:5000/teams/web:1', undefined],
  ['registry.test/team/web:1', undefined],
  ['eu.pkg.test/x:1', basic('star')],
  ['a.eu.pkg.test/x:1', undefined],
  ['azure.test/x:1', { kind: 'identity', token: 'refresh' }],
  ['empty.test/x:1', undefined],
] as const)('%s', ([reference, want]) => {
  expect(findCredentials(entries, parseReference(reference))).toEqual(want);
});

test.for(['{"auths": {"a": {"auth": 7}}, "secret-word": 1}', '{"auths": secret-word}', '[]'])(
  'a bad docker config is refused by its name, and its text is not told',
  (text) => {
    let refusal: unknown;
    try {
      parseDockerConfig(text, 'Secret shop/pull');
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(OciError);
    expect(refusal).toMatchObject({ reason: 'InvalidCredentials' });
    expect(String(refusal)).toContain('Secret shop/pull');
    expect(String(refusal)).not.toContain('secret-word');
  },
);
