import { describe, expect, test } from 'vitest';
import { capability, component, link, manifest, SECRET_TYPE, spreadscaler } from '../example.ts';
import { parseApplication } from '../parse/manifest.ts';
import { isOamKey } from './components.ts';

const secret = (policy: string): object => ({ secrets: [{ name: 'pw', properties: { policy, key: 'db' } }] });
const policy = (name: string, type: string, properties: object): object => ({ name, type, properties });
const shared = { image: undefined, application: { name: 'base', component: 'http' } };
const configured = (name: string): object => ({ name, properties: { a: '1' } });

/** Each row: a manifest, and the problems that it must have, in order: `E` or `W`, field, message. */
const rules: { rule: string; tree: unknown; want: [string, string, string][] }[] = [
  {
    rule: '1 name',
    tree: manifest([], { metadata: { name: 'my app' } }),
    want: [['E', 'metadata.name', 'manifest name [my app] is not allowed (should match regex [^[-\\w]+$])']],
  },
  {
    rule: '2 latest',
    tree: manifest([], { metadata: { annotations: { version: 'latest' } } }),
    want: [['E', 'metadata.annotations.version', 'latest is not allowed in wadm']],
  },
  {
    rule: '3 label',
    tree: manifest([], { metadata: { labels: { 'my_prefix/app': 'v' } } }),
    want: [['E', 'metadata.labels["my_prefix/app"]', 'Invalid OAM label: ("my_prefix/app", "v")']],
  },
  {
    rule: '4 annotation',
    tree: manifest([], { metadata: { annotations: { '-x': 'v' } } }),
    want: [['E', 'metadata.annotations["-x"]', 'Invalid OAM annotation: ("-x", "v")']],
  },
  {
    rule: '5 component names',
    tree: manifest([component('ui'), component('ui')]),
    want: [['E', 'spec.components[1].name', 'Duplicate component name in manifest: ui']],
  },
  {
    rule: '6 ids',
    tree: manifest([component('a', [], { id: 'x' }), capability('b', [], { id: 'x' })]),
    want: [['E', 'spec.components[1].properties.id', 'Duplicate component identifier in manifest: x']],
  },
  {
    rule: '7 and 9 missing target',
    tree: manifest([component('a', [link({ name: 'httpclyent' })])]),
    want: [
      ['E', 'spec.components', 'The following capability component(s) are missing from the manifest: ["httpclyent"]'],
      [
        'W',
        'spec.components[0].traits[0].properties.target',
        'link (name [default]) target [httpclyent] is not a listed component',
      ],
    ],
  },
  {
    rule: '7 holds for any trait type',
    tree: manifest([component('a', [{ ...link('x'), type: 'linkdef' }])]),
    want: [
      ['E', 'spec.components', 'The following capability component(s) are missing from the manifest: ["x"]'],
      [
        'W',
        'spec.components[0].traits[0].properties.target',
        'link (name [default]) target [x] is not a listed component',
      ],
    ],
  },
  {
    rule: '8 misnamed interface',
    tree: manifest([component('a', [link('b', { package: 'keyvalue', interfaces: ['atomic'] })]), capability('b')]),
    want: [
      ['W', 'spec.components[0].traits[0].properties.interfaces[0]', 'unrecognized interface [wasi:keyvalue/atomic]'],
    ],
  },
  {
    rule: '8 unknown package',
    tree: manifest([component('a', [link('b', { package: 'keyvalues', interfaces: ['atomics'] })]), capability('b')]),
    want: [
      ['W', 'spec.components[0].traits[0].properties.interfaces[0]', 'unrecognized interface [wasi:keyvalues/atomics]'],
    ],
  },
  {
    rule: '8 custom interface',
    tree: manifest([
      component('a', [link('b', { namespace: 'acme', package: 'x', interfaces: ['y'] })]),
      capability('b'),
    ]),
    want: [],
  },
  {
    rule: '10 and 16',
    tree: manifest([component('a', [{ type: 'link', properties: { namespace: 'wasi' } }])]),
    want: [
      [
        'E',
        'spec.components[0].traits[0]',
        'Link trait deserialized as custom trait, ensure fields are correct: {"namespace":"wasi"}',
      ],
      ['E', 'spec.components[0].traits[0].properties.package', 'is required'],
      ['E', 'spec.components[0].traits[0].properties.interfaces', 'is required'],
      ['E', 'spec.components[0].traits[0].properties.target', 'is required'],
      ['E', 'spec.components[0].traits[0].properties', "custom link is missing 'target' property"],
    ],
  },
  {
    rule: '11',
    tree: manifest([component('a', [link({})])]),
    want: [
      [
        'E',
        'spec.components[0].traits[0]',
        'Link trait deserialized as custom trait, ensure fields are correct: {"target":{},"namespace":"wasi","package":"http","interfaces":["incoming-handler"]}',
      ],
      ['E', 'spec.components[0].traits[0].properties.target.name', 'is required'],
      ['E', 'spec.components[0].traits[0].properties.target', "custom link is missing 'target' name property"],
    ],
  },
  {
    rule: '12',
    tree: manifest([component('a', [link({ name: 'x' }, { interfaces: 'y' })])]),
    want: [
      [
        'E',
        'spec.components[0].traits[0]',
        'Link trait deserialized as custom trait, ensure fields are correct: {"target":{"name":"x"},"namespace":"wasi","package":"http","interfaces":"y"}',
      ],
      ['E', 'spec.components[0].traits[0].properties.interfaces', 'must be a list'],
      ['W', 'spec.components[0].traits[0].properties.target', 'custom link target [x] is not a listed component'],
    ],
  },
  {
    rule: '13 policy of another type',
    tree: manifest([component('a', [], secret('p'))], { policies: [policy('p', 'other', {})] }),
    want: [
      [
        'E',
        'spec.components[0].properties.secrets[0].properties.policy',
        `secret 'pw' is mapped to policy 'p' which is not a secret policy. Expected type '${SECRET_TYPE}'`,
      ],
    ],
  },
  {
    rule: '14 policy without backend',
    tree: manifest([component('a', [], secret('p'))], { policies: [policy('p', SECRET_TYPE, {})] }),
    want: [
      [
        'E',
        'spec.components[0].properties.secrets[0].properties.policy',
        "secret 'pw' is mapped to policy 'p' which does not include a 'backend' property",
      ],
    ],
  },
  {
    rule: '15 unknown policy',
    tree: manifest([component('a', [], secret('p'))]),
    want: [
      [
        'E',
        'spec.components[0].properties.secrets[0].properties.policy',
        "secret 'pw' is mapped to unknown policy 'p'",
      ],
    ],
  },
  {
    rule: '13 to 15 met',
    tree: manifest([component('a', [], secret('p'))], { policies: [policy('p', SECRET_TYPE, { backend: 'kube' })] }),
    want: [],
  },
  {
    rule: '17',
    tree: manifest([component('a', [spreadscaler(-1)])]),
    want: [
      [
        'E',
        'spec.components[0].traits[0]',
        'Scaler trait deserialized as custom trait, ensure fields are correct: {"instances":-1}',
      ],
      ['E', 'spec.components[0].traits[0].properties.instances', 'must be a whole number from 0 to 1000000'],
    ],
  },
  {
    rule: '17 both words for one number',
    tree: manifest([component('a', [{ type: 'spreadscaler', properties: { instances: 1, replicas: 2 } }])]),
    want: [
      [
        'E',
        'spec.components[0].traits[0]',
        'Scaler trait deserialized as custom trait, ensure fields are correct: {"instances":1,"replicas":2}',
      ],
      ['E', 'spec.components[0].traits[0].properties.replicas', 'is another word for instances: keep one of them'],
    ],
  },
  {
    rule: '18 both',
    tree: manifest([component('a', [], { application: { name: 'b', component: 'c' } })]),
    want: [['E', 'spec.components[0].properties', "Component cannot have both 'image' and 'application' properties"]],
  },
  {
    rule: '19 neither',
    tree: manifest([component('a', [], { image: undefined })]),
    want: [['E', 'spec.components[0].properties', "Component must have either 'image' or 'application' property"]],
  },
  {
    rule: '20 shared with config',
    tree: manifest([component('a', [spreadscaler(1)], { ...shared, config: [configured('c')], secrets: [] })]),
    want: [['E', 'spec.components[0].properties.config', "Shared component 'base' cannot specify additional 'config'"]],
  },
  {
    rule: '21 shared with secrets',
    tree: manifest([component('a', [], { ...shared, ...secret('p') })], {
      policies: [policy('p', SECRET_TYPE, { backend: 'k' })],
    }),
    want: [
      ['E', 'spec.components[0].properties.secrets', "Shared component 'base' cannot specify additional 'secrets'"],
    ],
  },
  {
    rule: '22 shared with a scaler',
    tree: manifest([component('a', [spreadscaler(1)], shared)]),
    want: [['E', 'spec.components[0].traits', "Shared component 'base' cannot include a scaler trait"]],
  },
  {
    rule: '23 duplicate link',
    tree: manifest([component('a', [link('b'), link('c')]), capability('b'), capability('c')]),
    want: [
      [
        'E',
        'spec.components[0].traits[1]',
        "Duplicate link found inside component 'a': default (wasi:http/incoming-handler)",
      ],
    ],
  },
  {
    rule: '23 other interfaces, other links',
    tree: manifest([
      component('a', [
        link('b', { package: 'keyvalue', interfaces: ['atomics'] }),
        link('b', { package: 'keyvalue', interfaces: ['store'] }),
      ]),
      capability('b'),
    ]),
    want: [],
  },
  {
    rule: '24 duplicate link config',
    tree: manifest([
      component('a', [link({ name: 'b', config: [configured('x')] }, { source: { config: [configured('x')] } })]),
      capability('b'),
    ]),
    want: [['E', 'spec.components[0].traits[0].properties.source.config[0]', "Duplicate link config name found: 'x'"]],
  },
  {
    rule: '25 old keys',
    tree: manifest([
      component('a', [link('b', { source_config: [configured('x')], target_config: [configured('y')] })]),
      capability('b'),
    ]),
    want: [
      [
        'W',
        'spec.components[0].traits[0].properties.source_config',
        "one of the components' link trait contains a source_config key, please use source:config: rather",
      ],
      [
        'W',
        'spec.components[0].traits[0].properties.target_config',
        "one of the components' link trait contains a target_config key, please use target:config: rather",
      ],
    ],
  },
  {
    rule: 'ours: weights of 0',
    tree: manifest([component('a', [spreadscaler(2, [{ name: 'x', requirements: {}, weight: 0 }])])]),
    want: [
      [
        'E',
        'spec.components[0].traits[0].properties.spread',
        "Spread weights of component 'a' add up to 0: give at least one above 0",
      ],
    ],
  },
  {
    rule: 'ours: spread names',
    tree: manifest([
      component('a', [
        spreadscaler(2, [
          { name: 'x', requirements: {} },
          { name: 'x', requirements: {} },
        ]),
      ]),
    ]),
    want: [
      ['E', 'spec.components[0].traits[0].properties.spread[1]', "Duplicate spread name found inside component 'a': x"],
    ],
  },
  {
    rule: 'ours: provider to provider',
    tree: manifest([capability('a', [link('b')]), capability('b')]),
    want: [
      [
        'W',
        'spec.components[0].traits[0].properties.target',
        "Link from capability 'a' to capability 'b' is not made: one end must be a component",
      ],
    ],
  },
  {
    rule: 'ours: two scalers',
    tree: manifest([component('a', [spreadscaler(1), { ...spreadscaler(2), type: 'daemonscaler' }])]),
    want: [['E', 'spec.components[0].traits[1]', "Component 'a' has more than one scaler trait: keep one of them"]],
  },
  {
    rule: 'shape: unknown key',
    tree: manifest([component('a', [{ ...link('b'), incorrect: 1 }]), capability('b')]),
    want: [['E', 'spec.components[0].traits[0].incorrect', 'unknown field: expected one of type, properties']],
  },
  {
    rule: 'shape: all at once',
    tree: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { components: 3, replicas: 1 }, extra: 1 },
    want: [
      ['E', 'extra', 'unknown field: expected one of apiVersion, kind, metadata, spec, status'],
      ['W', 'apiVersion', 'expected core.oam.dev/v1beta1'],
      ['W', 'kind', 'expected Application'],
      ['E', 'spec.replicas', 'unknown field: expected one of components, policies'],
      ['E', 'spec.components', 'must be a list'],
    ],
  },
];

test.for(rules)('rule $rule', ({ tree, want }) => {
  const { problems, application } = parseApplication(tree);
  expect(problems.map(({ severity, field, message }) => [severity.slice(0, 1), field, message])).toEqual(want);
  expect(application === undefined).toBe(want.some(([severity]) => severity === 'E'));
});

test('a problem knows its place in the file', () => {
  const tree = manifest([], { metadata: { name: 'my app' } });
  const { problems } = parseApplication(tree, (path) => ({ line: path.length, column: 7 }));
  expect(problems[0]?.position).toEqual({ line: 2, column: 7 });
});

describe('OAM keys', () => {
  test.for(['foo', 'app.oam.io/name', 'justaregularstring', 'dash-period.numb3r/any_v4lue'])('%s is valid', (key) => {
    expect(isOamKey(key)).toBe(true);
  });
  test.for([
    'my_prefix/app-name',
    '1my_prefix/app-name',
    'my_prefix---/app-name',
    'my_prefix/app-name...',
    'a'.repeat(255),
    '',
  ])('%s is not', (key) => {
    expect(isOamKey(key)).toBe(false);
  });
});
