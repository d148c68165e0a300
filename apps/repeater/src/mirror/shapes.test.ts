import { annotations, labels, MANAGED_BY_LATTICE, typeMeta, WasmCloudLink, type LinkObject } from '@kasmcloud/kube-api';
import type { Link } from '@kasmcloud/wire';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeComponent, newComponent, readComponent } from './component-value.ts';
import {
  areRivals,
  configMapName,
  firstMade,
  hashOfConfig,
  hashOfLink,
  hashOfWish,
  isConfigKey,
  isLattices,
  linkId,
  toLink,
  toWish,
  wishOf,
  type ConfigNames,
  type LinkWish,
} from './shapes.ts';

const link: Link = {
  source_id: 'hello',
  target: 'kv',
  name: 'default',
  wit_namespace: 'wasi',
  wit_package: 'keyvalue',
  interfaces: ['store', 'atomics'],
  source_config: [],
  target_config: ['Redis_URL', 'SECRET_db'],
};
/** Every ConfigMap is the one that its config's name gives. */
const named = new Map<string, string>();
const names: ConfigNames = {
  inLattice: (configMap) => named.get(configMap) ?? configMap,
  onHub: (config) => {
    named.set(configMapName(config), config);
    return configMapName(config);
  },
};
const objectOf = ({ spec, annotations: said }: LinkWish): LinkObject => ({
  ...typeMeta(WasmCloudLink),
  metadata: { name: 'any', annotations: said },
  spec,
});
const wished = (one: Link): LinkWish => {
  const wish = toWish(one, names);
  if (wish === undefined) throw new Error('Kubernetes has words for this');
  return wish;
};

test('a link becomes an object, with the names that Kubernetes takes and its secrets beside it', () => {
  const wish = wished(link);
  expect(wish.spec).toEqual({
    source: 'hello',
    target: 'kv',
    name: 'default',
    witNamespace: 'wasi',
    witPackage: 'keyvalue',
    interfaces: ['store', 'atomics'],
    targetConfig: [configMapName('Redis_URL')],
  });
  expect(wish.annotations).toEqual({ [annotations.latticeSecrets]: '{"source":[],"target":["SECRET_db"]}' });
  expect(toLink(objectOf(wish), names)).toEqual(link);
});

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
const wit = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const someLink: fc.Arbitrary<Link> = fc.record({
  source_id: id,
  target: id,
  name: id,
  wit_namespace: wit,
  wit_package: wit,
  interfaces: fc.array(wit, { minLength: 1, maxLength: 4 }),
  source_config: fc.array(id, { maxLength: 3 }),
  target_config: fc.array(
    id.map((name) => `SECRET_${name}`),
    { maxLength: 2 },
  ),
});

test('there and back again a link means the same', () => {
  fc.assert(
    fc.property(someLink, (one) => {
      const wish = wished(one);
      const back = toLink(objectOf(wish), names);
      expect(hashOfLink(back)).toBe(hashOfLink(one));
      expect(linkId(back)).toBe(linkId(one));
      expect(hashOfWish(wished(back))).toBe(hashOfWish(wish));
      expect(hashOfWish(wishOf(objectOf({ ...wish, spec: { ...wish.spec, epoch: 7 } })))).toBe(hashOfWish(wish));
    }),
  );
});

test.for<[string, Partial<Link>]>([
  ['an id with a dot', { source_id: 'a.b' }],
  ['a WIT name in capitals', { wit_namespace: 'WASI' }],
  ['no interfaces', { interfaces: [] }],
  ['too many interfaces', { interfaces: Array.from({ length: 40 }, (_, at) => `i${at}`) }],
  ['a target that is too long', { target: 'x'.repeat(200) }],
])('Kubernetes has no words for %s', ([, part]) => {
  expect(toWish({ ...link, ...part }, names)).toBeUndefined();
});

describe('rivals', () => {
  test.for<[string, Partial<Link>, boolean]>([
    ['another target', { target: 'other' }, true],
    ['the same target', {}, false],
    ['another interface', { target: 'other', interfaces: ['batch'] }, false],
    ['another name', { target: 'other', name: 'second' }, false],
  ])('%s: %s', ([, part, wanted]) => {
    expect(areRivals(link, { ...link, ...part })).toBe(wanted);
  });
});

test('what came from the lattice is marked, unless an Application or git has it now', () => {
  const of = (said: Record<string, string>) => ({ metadata: { name: 'x', labels: said } });
  const mark = { [labels.managedBy]: MANAGED_BY_LATTICE };
  expect(isLattices(of(mark))).toBe(true);
  expect(isLattices(of({ ...mark, [labels.application]: 'a' }))).toBe(false);
  expect(isLattices(of({ ...mark, [labels.gitSource]: 'g' }))).toBe(false);
  expect(isLattices(of({}))).toBe(false);
});

test('the object that was made first counts', () => {
  const made = (name: string, creationTimestamp: string) => ({ metadata: { name, creationTimestamp } });
  const [a, b, c] = [made('a', '2026-01-02'), made('b', '2026-01-01'), made('c', '2026-01-01')];
  expect(firstMade([a, c, b])).toBe(b);
  expect(firstMade([])).toBeUndefined();
});

test.for([
  ['plain', true],
  ['Under_Score', true],
  ['a.b/c=d', true],
  ['SECRET_db', false],
  ['.hidden', false],
  ['ends.', false],
  ['two words', false],
  ['', false],
] as const)('the key %s is config: %s', ([key, wanted]) => {
  expect(isConfigKey(key)).toBe(wanted);
});

test('configs that differ in one letter have other hashes and other ConfigMaps', () => {
  expect(hashOfConfig({ a: '1', b: '2' })).toBe(hashOfConfig({ b: '2', a: '1' }));
  expect(hashOfConfig({ a: '1' })).not.toBe(hashOfConfig({ a: '2' }));
  fc.assert(
    fc.property(id, id, (one, other) => {
      fc.pre(one !== other);
      expect(configMapName(one)).not.toBe(configMapName(other));
      expect(configMapName(one)).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
    }),
  );
});

describe('the value of a component key', () => {
  const text = new TextEncoder();

  test('keeps what it does not know, and what is no link', () => {
    const value = {
      url: 'r:1',
      future: [1],
      links: [{ ...link, extra: true }, { odd: 1 }, { ...link, source_id: 'x' }],
    };
    const read = readComponent('hello', text.encode(JSON.stringify(value)));
    expect(read?.links.map((one) => one.link?.target)).toEqual(['kv', undefined, undefined]);
    expect(read && JSON.parse(new TextDecoder().decode(encodeComponent(read)))).toEqual(value);
  });

  test('is nothing when nobody can read it', () => {
    for (const bytes of ['', '[]', '{"links":1}', '{"links":[', '\u0000'])
      expect(readComponent('hello', text.encode(bytes))).toBeUndefined();
  });

  test('whatever bytes stand there, reading them ends in a value or in none', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((json) => text.encode(json)),
        ),
        (bytes) => {
          const read = readComponent('hello', bytes) ?? newComponent;
          expect(readComponent('hello', encodeComponent(read))).toEqual(read);
        },
      ),
    );
  });
});
