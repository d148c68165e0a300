import { WasmCloudDistribution, WasmCloudLink } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from './compile/compile.ts';
import { parseApplication } from './parse/manifest.ts';
import { hasErrors } from './problem.ts';

const word = fc.constantFrom('a', 'b', 'my-app', 'My_App', 'x y', 'latest', '', 'ü', '__proto__', 'toString');
const config = fc.record(
  { name: word, properties: fc.option(fc.dictionary(word, fc.string()), { nil: undefined }) },
  { requiredKeys: ['name'] },
);
const secret = fc.record({
  name: word,
  properties: fc.record({ policy: word, key: word, field: word }, { requiredKeys: ['policy', 'key'] }),
});
const end = fc.record(
  { config: fc.array(config, { maxLength: 2 }), secrets: fc.array(secret, { maxLength: 1 }) },
  { requiredKeys: [] },
);
const link = fc.record({
  type: fc.constantFrom('link', 'linkdef'),
  properties: fc.record(
    {
      name: fc.constantFrom('default', 'x', 'x y'),
      namespace: fc.constantFrom('wasi', 'acme', 'Wasi'),
      package: fc.constantFrom('http', 'keyvalue'),
      interfaces: fc.array(fc.constantFrom('incoming-handler', 'store', 'A'), { maxLength: 2 }),
      target: fc.oneof(
        word,
        fc.tuple(word, end).map(([name, rest]) => ({ name, ...rest })),
      ),
      source: end,
      source_config: fc.array(config, { maxLength: 1 }),
    },
    { requiredKeys: ['namespace', 'package', 'interfaces', 'target'] },
  ),
});
const scaler = fc.record({
  type: fc.constantFrom('spreadscaler', 'daemonscaler', 'other'),
  properties: fc.record(
    {
      instances: fc.integer({ min: -1, max: 20 }),
      spread: fc.array(fc.record({ name: word, requirements: fc.dictionary(word, word), weight: fc.nat(200) }), {
        maxLength: 3,
      }),
    },
    { requiredKeys: ['instances'] },
  ),
});
const distribution = fc.record({
  type: fc.constant('distribution'),
  properties: fc.oneof(fc.jsonValue(), fc.record({ replicas: fc.nat(5) })),
});
const component = fc.record(
  {
    name: word,
    type: fc.constantFrom('component', 'actor', 'capability'),
    properties: fc.record(
      {
        image: fc.constant('r/i:1'),
        id: word,
        config: fc.array(config, { maxLength: 2 }),
        application: fc.record({ name: word, component: word }),
      },
      { requiredKeys: ['image'] },
    ),
    traits: fc.array(fc.oneof(link, scaler, distribution), { maxLength: 3 }),
  },
  { requiredKeys: ['name', 'type', 'properties'] },
);
const tree = fc.record({
  apiVersion: fc.constant('core.oam.dev/v1beta1'),
  kind: fc.constant('Application'),
  metadata: fc.record({ name: word, annotations: fc.dictionary(word, word) }),
  spec: fc.record({ components: fc.array(component, { maxLength: 3 }) }),
});

test('any JSON is answered, with an application or with an Error', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { application, problems } = parseApplication(value);
      expect(application === undefined).toBe(hasErrors(problems));
    }),
  );
});

test('any part of a manifest may be any JSON', () => {
  const broken = fc.tuple(tree, fc.jsonValue(), fc.nat()).map(([whole, value, seed]) => spoil(whole, value, seed));
  fc.assert(
    fc.property(broken, (value) => {
      const { application, problems } = parseApplication(value);
      expect(application === undefined).toBe(hasErrors(problems));
      if (application !== undefined) compile(application, { namespace: 'ns', name: 'app' });
    }),
    { numRuns: 500 },
  );
});

test('what compiles without an Error is valid, named apart, and always the same', () => {
  fc.assert(
    fc.property(tree, (value) => {
      const { application } = parseApplication(value);
      if (application === undefined) return;
      const once = compile(application, { namespace: 'ns', name: 'app' });
      const again = parseApplication(structuredClone(value)).application;
      expect(again && compile(again, { namespace: 'ns', name: 'app' })).toEqual(once);
      for (const { spec } of once.distributions) expect(WasmCloudDistribution.spec.safeParse(spec).success).toBe(true);
      for (const { spec } of once.links) expect(WasmCloudLink.spec.safeParse(spec).success).toBe(true);
      if (hasErrors(once.problems)) return;
      const images = application.components.filter(({ image }) => image !== undefined);
      expect(once.distributions).toHaveLength(images.length);
      for (const list of [once.distributions, once.links, once.configMaps]) {
        const names = list.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      }
    }),
    { numRuns: 1000 },
  );
});

/** Replaces one node of a tree, chosen by `seed`, with `value`. */
function spoil(node: unknown, value: unknown, seed: number): unknown {
  if (typeof node !== 'object' || node === null) return value;
  const keys = Object.keys(node);
  const key = keys[seed % (keys.length + 1)];
  if (key === undefined) return value;
  const copy = structuredClone(node) as Record<string, unknown>;
  copy[key] = spoil(copy[key], value, Math.floor(seed / (keys.length + 1)));
  return copy;
}
