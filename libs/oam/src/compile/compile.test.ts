import { describe, expect, test } from 'vitest';
import { capability, component, link, manifest, SECRET_TYPE, spreadscaler } from '../example.ts';
import { parseApplication } from '../parse/manifest.ts';
import { compile, type Compiled } from './compile.ts';

function compiled(tree: unknown): Compiled {
  const { application, problems } = parseApplication(tree);
  if (application === undefined) throw new Error(JSON.stringify(problems));
  return compile(application, { namespace: 'default', name: 'my-app' });
}

test('a component, a provider, a link and their config', () => {
  const server = link(
    { name: 'hello', config: [{ name: 'target-side' }] },
    { source: { config: [{ name: 'http_addr', properties: { address: '0.0.0.0:8080' } }] } },
  );
  const result = compiled(
    manifest([
      component('hello', [spreadscaler(5)], { config: [{ name: 'log', properties: { level: 'debug' } }] }),
      capability('http-server', [server], { id: 'httpserver' }),
    ]),
  );
  expect(result).toEqual({
    distributions: [
      {
        name: 'my-app-hello',
        spec: { actor: { id: 'my_app-hello', image: 'registry/hello:1', config: ['my-app-log'] }, replicas: 5 },
      },
      {
        name: 'my-app-http-server',
        spec: { provider: { id: 'httpserver', image: 'registry/http-server:1' }, replicas: 1 },
      },
    ],
    links: [
      {
        name: 'my-app-http-server-hello-wasi-http-incoming-handler',
        spec: {
          source: 'httpserver',
          target: 'my_app-hello',
          name: 'default',
          witNamespace: 'wasi',
          witPackage: 'http',
          interfaces: ['incoming-handler'],
          sourceConfig: ['my-app-http-addr-4fb6f02f'],
          targetConfig: ['target-side'],
        },
      },
    ],
    configMaps: [
      { name: 'my-app-http-addr-4fb6f02f', data: { address: '0.0.0.0:8080' }, latticeName: 'my_app-http_addr' },
      { name: 'my-app-log', data: { level: 'debug' }, latticeName: 'my_app-log' },
    ],
    problems: [],
  });
});

const daemonscaler = (instances: number): object => ({ type: 'daemonscaler', properties: { instances } });

describe('scalers', () => {
  const spread = [
    { name: 'east', requirements: { zone: 'east' }, weight: 80 },
    { name: 'west', requirements: { zone: 'west' } },
  ];
  const groups = [
    { name: 'east', requirements: { zone: 'east' }, weight: 80 },
    { name: 'west', requirements: { zone: 'west' }, weight: 100 },
  ];
  const cases: { name: string; made: object; want: object }[] = [
    { name: 'spreadscaler', made: component('a', [spreadscaler(7, spread)]), want: { replicas: 7, groups } },
    {
      name: 'the alias replicas',
      made: component('a', [{ type: 'spreadscaler', properties: { replicas: 7 } }]),
      want: { replicas: 7 },
    },
    { name: 'daemonscaler', made: component('a', [daemonscaler(3)]), want: { replicas: 3, mode: 'Daemon' } },
    {
      name: 'daemonscaler of a provider',
      made: capability('a', [daemonscaler(3)]),
      want: { replicas: 1, mode: 'Daemon' },
    },
    {
      name: 'daemonscaler of a provider, switched off',
      made: capability('a', [daemonscaler(0)]),
      want: { replicas: 0, mode: 'Daemon' },
    },
    { name: 'none: a component is not started', made: component('a'), want: { replicas: 0 } },
    { name: 'none: a provider runs once', made: capability('a'), want: { replicas: 1 } },
    {
      name: 'an unknown trait says nothing',
      made: component('a', [{ type: 'autoscaler', properties: { instances: 4 } }]),
      want: { replicas: 0 },
    },
    {
      name: 'a distribution trait instead',
      made: component('a', [{ type: 'distribution', properties: { replicas: 4, mode: 'Pack' } }]),
      want: { replicas: 4, mode: 'Pack' },
    },
    {
      name: 'a distribution trait over a scaler',
      made: component('a', [
        spreadscaler(7, spread),
        { type: 'distribution', properties: { maxPerHost: 2, priority: 9 } },
      ]),
      want: { replicas: 7, groups, maxPerHost: 2, priority: 9 },
    },
  ];
  test.for(cases)('$name', ({ made, want }) => {
    const { distributions, problems } = compiled(manifest([made]));
    const { actor, provider, ...spec } = distributions[0]?.spec ?? {};
    expect([spec, (actor ?? provider)?.id, problems]).toEqual([want, 'my_app-a', []]);
  });
});

test('a link between providers is left out, as wadm leaves it out', () => {
  const tree = manifest([capability('a', [link({ name: 'b' })]), capability('b')]);
  expect(compiled(tree)).toMatchObject({ links: [], problems: [] });
});

test('old ways of writing: actor, string target, config beside it', () => {
  const old = link('b', {
    source_config: [{ name: 's', properties: { a: '1' } }],
    target_config: [{ name: 't', properties: { a: '1' } }],
  });
  const result = compiled(manifest([{ ...component('a', [old]), type: 'actor' }, capability('b')]));
  expect(result.distributions[0]?.spec.actor?.id).toBe('my_app-a');
  expect(result.links[0]?.spec).toMatchObject({
    target: 'my_app-b',
    sourceConfig: ['my-app-s'],
    targetConfig: ['my-app-t'],
  });
});

test('`source` beats `source_config`, and `target_config` counts with a string target only', () => {
  const both = link(
    { name: 'b' },
    { source: { config: [{ name: 'new' }] }, source_config: [{ name: 'old' }], target_config: [{ name: 'old' }] },
  );
  const [only] = compiled(manifest([component('a', [both]), capability('b')])).links;
  expect([only?.spec.sourceConfig, only?.spec.targetConfig]).toEqual([['new'], undefined]);
});

const sharedId = (name: string, part: string): string | undefined =>
  name === 'base app' && part === 'server' ? 'http_server' : undefined;

test('a shared component is linked by its own id and not started again', () => {
  const shared = {
    name: 'http',
    type: 'capability',
    properties: { application: { name: 'base app', component: 'server' } },
    traits: [link('a')],
  };
  const tree = manifest([component('a'), shared]);
  const result = compiled(tree);
  expect(result.distributions.map(({ name }) => name)).toEqual(['my-app-a']);
  expect(result.links[0]?.spec.source).toBe('base_app-server');
  const { application } = parseApplication(tree);
  expect(
    application && compile(application, { namespace: 'default', name: 'my-app', sharedId }).links[0]?.spec.source,
  ).toBe('http_server');
});

test('secrets name their Secret, and what cannot be kept is said', () => {
  const secrets = [{ name: 'pw', properties: { policy: 'p', key: 'db', field: 'password', version: '3' } }];
  const policies = [{ name: 'p', type: SECRET_TYPE, properties: { backend: 'kube' } }];
  const result = compiled(
    manifest([component('a', [link({ name: 'b', secrets })], { secrets }), capability('b')], { policies }),
  );
  expect(result.distributions[0]?.spec.actor?.secrets).toEqual(['db']);
  expect(result.links[0]?.spec.targetSecrets).toEqual(['db']);
  const told = [
    ['Warning', "secret 'pw' is read from the Secret's key 'pw', not from 'password'"],
    ['Warning', "secret 'pw': a Secret has no versions, '3' is without effect"],
  ];
  expect(result.problems.map(({ severity, message }) => [severity, message])).toEqual([...told, ...told]);
});

describe('the policy of a secret says as which account its Secret is looked at', () => {
  const pair = (properties: Record<string, string>): unknown => {
    const secret = (policy: string, key: string): object => ({ name: key, properties: { policy, key } });
    const ends = { source: { secrets: [secret('plain', 'mine')] } };
    const traits = [link({ name: 'b', secrets: [secret('p', 'db'), secret('p', 'db')] }, ends)];
    const policies = [
      { name: 'p', type: SECRET_TYPE, properties },
      { name: 'plain', type: SECRET_TYPE, properties: { backend: 'kube' } },
    ];
    return manifest([component('a', traits, { secrets: [secret('p', 'own')] }), capability('b')], { policies });
  };

  test.for([
    { backend: 'kube', impersonate: 'reader' },
    { backend: 'kubernetes', service_account: 'reader', namespace: 'default' },
    { backend: 'kube', impersonate: 'system:serviceaccount:default:reader' },
  ] satisfies Record<string, string>[])('%j', (properties) => {
    const { distributions, links, problems } = compiled(pair(properties));
    expect(problems).toEqual([]);
    expect(distributions[0]?.spec.actor).toMatchObject({ secrets: ['own'], secretAccounts: { own: 'reader' } });
    expect(links[0]?.spec).toMatchObject({
      sourceSecrets: ['mine'],
      targetSecrets: ['db'],
      secretAccounts: { db: 'reader' },
    });
  });

  test('the properties of another backend are its own', () => {
    const { distributions, problems } = compiled(pair({ backend: 'vault', namespace: 'admin', impersonate: 'X' }));
    expect(problems).toEqual([]);
    expect(distributions[0]?.spec.actor).not.toHaveProperty('secretAccounts');
  });

  test.for([
    [{ backend: 'kube', namespace: 'kube-system' }, 'namespace', "only those of 'default'"],
    [{ backend: 'kube', impersonate: 'system:serviceaccount:other:reader' }, 'impersonate', 'no ServiceAccount of'],
    [{ backend: 'kube', service_account: 'Reader' }, 'service_account', 'no ServiceAccount of'],
  ] satisfies [Record<string, string>, string, string][])('%j is refused once', ([properties, field, message]) => {
    expect(compiled(pair(properties)).problems).toMatchObject([
      { severity: 'Error', field: `spec.policies[0].properties.${field}`, message: expect.stringContaining(message) },
    ]);
  });

  test('two accounts for one Secret in one place are refused', () => {
    const secrets = ['p', 'plain'].map((policy, index) => ({ name: `s${index}`, properties: { policy, key: 'db' } }));
    const policies = [
      { name: 'p', type: SECRET_TYPE, properties: { backend: 'kube', impersonate: 'reader' } },
      { name: 'plain', type: SECRET_TYPE, properties: { backend: 'kube' } },
    ];
    expect(compiled(manifest([component('a', [], { secrets })], { policies })).problems).toMatchObject([
      {
        message:
          "secret 's1': Secret 'db' is looked at as 'reader' and as the lattice's own account: let its policies agree",
      },
    ]);
  });
});

describe('what the schema of a kind refuses is a problem of the manifest', () => {
  const cases: { name: string; tree: unknown; field: string; message: string }[] = [
    {
      name: 'an id that is no token',
      tree: manifest([component('a', [], { id: 'a.b' })]),
      field: 'spec.components[0]',
      message: 'WasmCloudDistribution: actor: id:',
    },
    {
      name: 'a wrong field of the distribution trait',
      tree: manifest([component('a', [{ type: 'distribution', properties: { replica: 3 } }])]),
      field: 'spec.components[0]',
      message: 'replica',
    },
    {
      name: 'an actor in the distribution trait',
      tree: manifest([component('a', [{ type: 'distribution', properties: { actor: {} } }])]),
      field: 'spec.components[0].traits[0].properties.actor',
      message: "actor comes from the component's own properties",
    },
    {
      name: 'a distribution trait without fields',
      tree: manifest([component('a', [{ type: 'distribution' }])]),
      field: 'spec.components[0].traits[0].properties',
      message: 'must be the fields of a WasmCloudDistribution spec',
    },
    {
      name: 'a WIT name',
      tree: manifest([component('a', [link('b', { package: 'Http' })]), capability('b')]),
      field: 'spec.components[0].traits[0]',
      message: 'WasmCloudLink: witPackage:',
    },
    {
      name: 'a config key',
      tree: manifest([component('a', [], { config: [{ name: 'c', properties: { 'a b': '1' } }] })]),
      field: 'spec.components[0].properties.config[0].properties["a b"]',
      message: 'letters',
    },
    {
      name: 'one config, two contents',
      tree: manifest([
        component('a', [], { config: [{ name: 'c', properties: { x: '1' } }] }),
        component('b', [], { config: [{ name: 'c', properties: { x: '2' } }] }),
      ]),
      field: 'spec.components[1].properties.config[0]',
      message: "Config 'c' is written twice",
    },
  ];
  test.for(cases)('$name', ({ tree, field, message }) => {
    const { problems } = compiled(tree);
    const errors = problems.filter(({ severity }) => severity === 'Error');
    expect(errors[0]).toMatchObject({ field, message: expect.stringContaining(message) });
  });
});
