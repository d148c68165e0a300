import { manifestJsonSchema } from '@kasmcloud/kube-api';
import { parseManifests } from '@kasmcloud/manifest';
import { readWadmManifest, wadmManifests } from '@kasmcloud/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { capability, component, link, manifest, spreadscaler } from './example.ts';
import { parseApplication } from './parse/manifest.ts';

/** The published JSON Schema itself, read back: not the code that it was made of. */
const schema = z.fromJSONSchema(manifestJsonSchema());
const fits = (tree: unknown): boolean => schema.safeParse(tree).success;

/** What breaks the shape; the others break rules between fields, of which a schema knows nothing. */
const misshapen = new Set(['incorrect-component.yaml', 'made-up-key.wadm.yaml']);

describe('the JSON Schema agrees with the parser about the shape of', () => {
  test.for(wadmManifests)('$file', async ({ file }) => {
    const { documents } = parseManifests(await readWadmManifest(file), { file });
    expect(fits(documents[0]?.value)).toBe(!misshapen.has(file));
  });

  test.for<{ what: string; tree: unknown; good: boolean }>([
    { what: 'a manifest of nothing', tree: manifest([]), good: true },
    { what: 'a field too many', tree: { ...manifest([]), extra: 1 }, good: false },
    { what: 'a number for text', tree: manifest([], { metadata: { annotations: { version: 1 } } }), good: false },
    { what: 'another type', tree: manifest([{ name: 'a', type: 'job', properties: { image: 'a' } }]), good: false },
    { what: 'a text target', tree: manifest([component('a', [link('b')]), capability('b')]), good: true },
    { what: 'a link to nothing', tree: manifest([component('a', [link(undefined)])]), good: false },
    { what: 'instances below 0', tree: manifest([component('a', [spreadscaler(-1)])]), good: false },
    {
      what: 'both words for instances',
      tree: manifest([component('a', [{ type: 'spreadscaler', properties: { instances: 1, replicas: 1 } }])]),
      good: false,
    },
    {
      what: 'a spread without requirements',
      tree: manifest([component('a', [spreadscaler(1, [{ name: 'x' }])])]),
      good: true,
    },
    {
      what: 'a trait of others',
      tree: manifest([component('a', [{ type: 'acme', properties: [1] }])]),
      good: true,
    },
  ])('$what', ({ tree, good }) => {
    const { problems } = parseApplication(tree);
    expect({ schema: fits(tree), parser: problems.every(({ severity }) => severity === 'Warning') }).toEqual({
      schema: good,
      parser: good,
    });
  });

  test('a distribution trait', () => {
    const tree = (properties: object): unknown => manifest([component('a', [{ type: 'distribution', properties }])]);
    expect(fits(tree({ replicas: 3, mode: 'Pack' }))).toBe(true);
    expect(fits(tree({ replicas: 'three' }))).toBe(false);
    expect(fits(tree({ actor: { id: 'a', image: 'b' } }))).toBe(false);
  });
});
