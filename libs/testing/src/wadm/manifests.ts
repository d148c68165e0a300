import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A manifest such as wadm's own tests use, and what a reader must say of it. */
export interface WadmManifest {
  /** Its file in the folder beside this one. */
  readonly file: string;
  /** Every problem, worst order aside: `E` or `W`, and the message or the beginning of it. */
  readonly problems: readonly (readonly ['E' | 'W', string])[];
}

const none: WadmManifest['problems'] = [];
const unlisted = (target: string): WadmManifest['problems'] => [
  ['E', `The following capability component(s) are missing from the manifest: ["${target}"]`],
  ['W', `link (name [default]) target [${target}] is not a listed component`],
];
const betweenProviders: WadmManifest['problems'] = [
  ['W', "Link from capability 'webcap' to capability 'webcap' is not made: one end must be a component"],
];
const old = (key: string, now: string): readonly ['W', string] => [
  'W',
  `one of the components' link trait contains a ${key} key, please use ${now} rather`,
];

/** One for every class of manifest that wadm's tests, examples and e2e scenarios use. */
export const wadmManifests: readonly WadmManifest[] = [
  { file: 'simple.wadm.yaml', problems: none },
  { file: 'simple.yaml', problems: none },
  { file: 'simple1.yaml', problems: betweenProviders },
  { file: 'simple1.json', problems: betweenProviders },
  { file: 'simple2.yaml', problems: none },
  { file: 'all-hosts.yaml', problems: none },
  { file: 'complex.yaml', problems: none },
  { file: 'host-stop.yaml', problems: none },
  { file: 'lotta-components.yaml', problems: none },
  { file: 'config.yaml', problems: none },
  { file: 'echo.yaml', problems: none },
  { file: 'kvcounter.yaml', problems: none },
  { file: 'custom.yaml', problems: none },
  { file: 'sqldb-postgres.yaml', problems: [['W', 'unrecognized interface [wasmcloud:postgres/query]']] },
  { file: 'correct-unique-interface-links.yaml', problems: none },
  {
    file: 'incorrect-unique-interface-links.yaml',
    problems: [['E', "Duplicate link found inside component 'counter': default (wasi:keyvalue/atomics)"]],
  },
  {
    file: 'duplicate-links.yaml',
    problems: [['E', "Duplicate link found inside component 'httpserver': default (wasi:http/incoming-handler)"]],
  },
  {
    file: 'duplicate-component.yaml',
    problems: [
      ['E', 'Duplicate component name in manifest: ui'],
      ['E', 'Duplicate component name in manifest: vets'],
    ],
  },
  {
    file: 'incorrect-component.yaml',
    problems: [
      ['E', 'Scaler trait deserialized as custom trait, ensure fields are correct: {"replica":1}'],
      ['E', 'unknown field: expected one of instances, replicas, spread'],
      ['E', 'is required'],
      ['E', 'Duplicate component name in manifest: ui'],
    ],
  },
  { file: 'duplicate-id1.yaml', problems: [['E', 'Duplicate component identifier in manifest: httpserver']] },
  { file: 'duplicate-id2.yaml', problems: [['E', 'Duplicate component identifier in manifest: ui']] },
  { file: 'missing-capability-component.yaml', problems: unlisted('httpclyent') },
  { file: 'long-image-refs.yaml', problems: none },
  { file: 'dangling-link.wadm.yaml', problems: unlisted('httpclient') },
  { file: 'misnamed-interface.wadm.yaml', problems: [['W', 'unrecognized interface [wasi:keyvalue/atomic]']] },
  { file: 'unknown-package.wadm.yaml', problems: [['W', 'unrecognized interface [wasi:keyvalues/atomics]']] },
  { file: 'custom-interface.wadm.yaml', problems: none },
  { file: 'made-up-key.wadm.yaml', problems: [['E', 'unknown field: expected one of type, properties']] },
  { file: 'policy.wadm.yaml', problems: none },
  {
    file: 'duplicate-link-config-names.wadm.yaml',
    problems: [
      ['E', "Duplicate link config name found: 'redis-url'"],
      ['E', "Duplicate link config name found: 'alternate-port'"],
      ['E', "Duplicate link config name found: 'default-port'"],
    ],
  },
  {
    file: 'deprecated-source-and-target-config.yaml',
    problems: [old('source_config', 'source:config:'), old('target_config', 'target:config:')],
  },
  { file: 'outdated-app.yaml', problems: none },
  { file: 'upgraded-app.yaml', problems: none },
  { file: 'upgraded-app2.yaml', problems: none },
  { file: 'upgraded-app3.yaml', problems: none },
  {
    file: 'shared-both-properties.yaml',
    problems: [['E', "Component cannot have both 'image' and 'application' properties"]],
  },
  {
    file: 'shared-no-properties.yaml',
    problems: [['E', "Component must have either 'image' or 'application' property"]],
  },
  { file: 'shared-no-matching-app.yaml', problems: none },
  { file: 'shared-no-matching-component.yaml', problems: none },
  { file: 'shared-http.yaml', problems: none },
  { file: 'shared-http-dev.yaml', problems: none },
  { file: 'shared-component.yaml', problems: none },
  { file: 'shared-component-dev.yaml', problems: none },
  { file: 'notshared-http.yaml', problems: none },
  { file: 'notshared-http-dev.yaml', problems: none },
];

export const readWadmManifest = (file: string): Promise<string> =>
  readFile(join(import.meta.dirname, 'manifests', file), 'utf8');
