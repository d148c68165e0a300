import { parseManifests } from '@kasmcloud/manifest';
import { readWadmManifest, wadmManifests } from '@kasmcloud/testing';
import { describe, expect, test } from 'vitest';
import { compile, type Compiled } from './compile/compile.ts';
import { parseApplication, type Parsed } from './parse/manifest.ts';

async function read(file: string): Promise<Parsed> {
  const { documents, problems } = parseManifests(await readWadmManifest(file), { file });
  expect(problems).toEqual([]);
  const [document] = documents;
  if (document === undefined) throw new TypeError(`${file} holds no object`);
  return parseApplication(document.value, document.positionOf);
}

describe('manifests as wadm tests them', () => {
  test.for(wadmManifests)('$file', async ({ file, problems: want }) => {
    const { application, problems } = await read(file);
    expect(problems.map(({ severity, message }) => [severity.slice(0, 1), message])).toEqual(want);
    expect(problems.filter(({ position }) => position === undefined)).toEqual([]);
    expect(application === undefined).toBe(want.some(([severity]) => severity === 'E'));
  });
});

async function compiled(file: string): Promise<Compiled> {
  const { application } = await read(file);
  if (application === undefined) throw new TypeError(`${file} is refused`);
  return compile(application, { namespace: 'shop', name: application.name });
}

const deployable = wadmManifests.filter(({ problems }) => problems.every(([severity]) => severity === 'W'));

test.for(deployable)('$file can be deployed as it is', async ({ file }) => {
  const { problems } = await compiled(file);
  expect(problems.filter(({ severity }) => severity === 'Error')).toEqual([]);
});

describe('what they become', () => {
  test('nine thousand and one instances are what was asked for', async () => {
    const { distributions } = await compiled('lotta-components.yaml');
    expect(distributions.map(({ spec }) => spec.replicas)).toEqual([9001, 1]);
  });

  test('ids, and names of config in the lattice, are those of wadm', async () => {
    const { distributions, links, configMaps } = await compiled('complex.yaml');
    expect(distributions.map(({ spec }) => (spec.actor ?? spec.provider)?.id)).toEqual([
      'complex-blobby',
      'complex-httpserver',
      'complex-fileserver',
    ]);
    expect(configMaps.map(({ latticeName }) => latticeName).toSorted()).toEqual([
      'complex-defaultcode',
      'complex-defaultfs',
      'complex-httpaddr',
      'complex-rootfs',
    ]);
    // Config that is kept elsewhere keeps its name.
    expect(distributions[0]?.spec.actor?.config).toContain('blobby-default-configuration-values');
    expect(links.map(({ spec }) => [spec.source, spec.target])).toEqual([
      ['complex-blobby', 'complex-fileserver'],
      ['complex-httpserver', 'complex-blobby'],
    ]);
  });

  test('shared components are linked by the ids of the application that shares them', async () => {
    const { distributions, links } = await compiled('shared-http-dev.yaml');
    expect(distributions.map(({ name }) => name)).toEqual(['shared-http-dev-hello']);
    expect(links.map(({ spec }) => [spec.source, spec.target])).toEqual([
      ['shared_http_dev-hello', 'shared_http-httpclient'],
      ['shared_http-httpserver', 'shared_http_dev-hello'],
    ]);
  });

  test('the same manifest in JSON and in YAML is the same', async () => {
    expect(await compiled('simple1.json')).toEqual(await compiled('simple1.yaml'));
  });
});
