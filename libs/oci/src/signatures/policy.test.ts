import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { imagePolicy } from '@kasmcloud/testing';
import { parseReference } from '../reference.ts';
import { parsePolicies, PolicyError } from './policy.ts';

const pem = (type: 'ec' | 'ed25519' | 'rsa' | 'x25519', bits = 2_048): string => {
  const options = { namedCurve: 'P-256', modulusLength: bits };
  const { publicKey } = generateKeyPairSync(type as 'ec', options);
  return publicKey.export({ type: 'spki', format: 'pem' });
};
const ec = pem('ec');

describe('a glob', () => {
  test.for([
    ['ghcr.io/acme/app', 'ghcr.io/acme/app:1', true],
    ['ghcr.io/acme/*', 'ghcr.io/acme/app:1', true],
    ['ghcr.io/acme/*', 'ghcr.io/acme/team/app:1', false],
    ['ghcr.io/acme/**', 'ghcr.io/acme/team/app:1', true],
    ['ghcr.io/acme/**', 'ghcr.io/acmeevil/app:1', false],
    ['ghcr.io/ac.me/*', 'ghcr.io/acxme/app:1', false],
    ['**', 'localhost:5000/x/y:1', true],
    ['*', 'ghcr.io/x:1', false],
    ['localhost:5000/*', 'localhost:5000/x:1', true],
    ['index.docker.io/library/*', 'nginx:1', true],
    ['ghcr.io/acme/app:1.*', 'ghcr.io/acme/app:1.2', true],
    ['ghcr.io/acme/app:1.*', 'ghcr.io/acme/app:2.0', false],
    ['ghcr.io/acme/app:1', `ghcr.io/acme/app:1@sha256:${'a'.repeat(64)}`, true],
    ['ghcr.io/acme/app@sha256:*', `ghcr.io/acme/app@sha256:${'a'.repeat(64)}`, true],
    // References are read in lower case: no spelling of one gets around a policy.
    ['ghcr.io/acme/**', 'oci://GHCR.io/Acme/App:1', true],
  ] as const)('%s and %s: %s', ([glob, reference, expected]) => {
    const [policy] = parsePolicies(JSON.stringify(imagePolicy('p', glob, [ec])));
    expect(policy?.matches(parseReference(reference))).toBe(expected);
  });
});

describe('a file of policies', () => {
  test('is one, or a list as kubectl prints it, with keys of every kind', () => {
    const items = ['ec', 'ed25519', 'rsa'].map((type) => imagePolicy(`of-${type}`, '**', [pem(type as 'ec')], 'warn'));
    const list = { apiVersion: 'v1', kind: 'List', metadata: {}, items };
    const policies = parsePolicies(JSON.stringify(list));
    expect(policies.map(({ name, mode }) => `${name} ${mode}`)).toEqual([
      'of-ec warn',
      'of-ed25519 warn',
      'of-rsa warn',
    ]);
    expect(new Set(policies.map(({ id }) => id)).size).toBe(3);
    expect(parsePolicies(JSON.stringify(items[0]))[0]?.id).toBe(policies[0]?.id);
  });

  const valid = imagePolicy('p', '**', [ec]) as { spec: { authorities: object[] } };
  const withSpec = (spec: object): string => JSON.stringify({ ...valid, spec: { ...valid.spec, ...spec } });
  test.for([
    ['no JSON', '{', 'is not JSON'],
    ['another kind', JSON.stringify({ ...valid, kind: 'Pod' }), 'kind'],
    ['keyless', withSpec({ authorities: [{ keyless: { identities: [] } }] }), 'authorities'],
    ['a key in a Secret', withSpec({ authorities: [{ key: { secretRef: { name: 'x' } } }] }), 'authorities'],
    ['attestations', withSpec({ authorities: [{ ...valid.spec.authorities[0], attestations: [] }] }), 'authorities'],
    ['a CUE policy', withSpec({ policy: { type: 'cue', data: '' } }), 'policy'],
    ['no images', withSpec({ images: [] }), 'images'],
    [
      'no key',
      withSpec({ authorities: [{ name: 'a', key: { data: 'x' } }] }),
      'policy p: key.data of authority a is no PEM',
    ],
    ['a short key', withSpec({ authorities: [{ key: { data: pem('rsa', 1_024) } }] }), 'authority-0 has 1024 bits'],
    ['a key that cannot sign', withSpec({ authorities: [{ key: { data: pem('x25519') } }] }), 'of type x25519'],
  ] as const)('with %s is refused whole', ([, text, why]) => {
    expect(() => parsePolicies(text)).toThrow(PolicyError);
    expect(() => parsePolicies(text)).toThrow(why);
  });
});
