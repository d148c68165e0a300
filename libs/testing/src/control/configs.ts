import { answer, done, refused, type ControlExchange, type ControlScenario } from './exchange.ts';

const set = (name: string) => [{ name: 'config_set', data: { config_name: name } }];
const deleted = (name: string) => [{ name: 'config_deleted', data: { config_name: name } }];

const put = (name: string, data: object): ControlExchange => ({
  ask: `config.put.${name}`,
  body: data,
  reply: done('successfully put config'),
  tells: set(name),
  keeps: { [`CONFIGDATA/${name}`]: data },
});
const remove = (name: string): ControlExchange => ({
  ask: `config.del.${name}`,
  reply: done('successfully deleted config'),
  tells: deleted(name),
  keeps: { [`CONFIGDATA/${name}`]: null },
});
const reference = {
  name: 'db',
  backend: 'vault',
  key: 'db/password',
  version: '3',
  type: 'secret.wasmcloud.dev/v1alpha1',
};

const noName = 'not%valid is no name of config: letters, digits, -, _, / and =, at most 253';

export const configScenarios: readonly ControlScenario[] = [
  {
    name: 'config is put, read and deleted',
    exchanges: [
      { ask: 'config.get.settings', reply: done('Configuration not found') },
      put('settings', { color: 'red', 'a.b-c_D': 'ü\n' }),
      { ask: 'config.get.settings', reply: answer({ color: 'red', 'a.b-c_D': 'ü\n' }) },
      put('settings', { color: 'blue' }),
      { ask: 'config.get.settings', body: 'not JSON', reply: answer({ color: 'blue' }) },
      put('a/b=c', { size: '1' }),
      { ask: 'config.get.a/b=c', reply: answer({ size: '1' }) },
      remove('a/b=c'),
      put('Other_Settings', { size: '1' }),
      { ask: 'config.get.Other_Settings', reply: answer({ size: '1' }) },
      remove('Other_Settings'),
      remove('settings'),
      { ask: 'config.get.settings', reply: done('Configuration not found') },
      remove('settings'),
      put('empty', {}),
      { ask: 'config.get.empty', reply: answer({}) },
      remove('empty'),
    ],
  },
  {
    name: 'references to secrets are kept as config is',
    exchanges: [
      put('SECRET_db', reference),
      { ask: 'config.get.SECRET_db', reply: answer(reference) },
      remove('SECRET_db'),
      { ask: 'config.get.SECRET_db', reply: done('Configuration not found') },
    ],
  },
  {
    name: 'config that is refused',
    exchanges: [
      ...[
        '',
        'no',
        'null',
        '[]',
        '"red"',
        '{"color":1}',
        '{"color":null}',
        '{"color":{"a":"b"}}',
        '{"color":"red"',
      ].map((body) => ({
        ask: 'config.put.settings',
        body,
        reply: refused('config data should be a map of string -> string'),
        keeps: { 'CONFIGDATA/settings': null },
      })),
      { ask: 'config.get.settings', reply: done('Configuration not found') },
      {
        ask: 'config.put.not%valid',
        body: {},
        reply: refused(`unable to store config data: ${noName}`),
        wasmcloud: { reply: refused('unable to store config data'), because: 'what a name may have is told' },
      },
      {
        ask: 'config.del.not%valid',
        reply: refused(`Unable to delete config data: ${noName}`),
        wasmcloud: { reply: refused('Unable to delete config data'), because: 'what a name may have is told' },
      },
      {
        ask: 'config.get.not%valid',
        reply: refused(noName),
        wasmcloud: {
          reply: refused('key cannot be empty or start/end with `.`'),
          because: 'the name is neither empty nor does it start or end with a dot',
        },
      },
      { ask: 'config.put.not%valid', body: 'no', reply: refused('config data should be a map of string -> string') },
      ...['put', 'get', 'del', 'explode'].map((verb) => ({
        ask: `config.${verb}`,
        body: {},
        reply: refused('unsupported subject'),
      })),
      { ask: 'config.explode.not%valid', reply: refused('unsupported subject') },
      {
        ask: 'config.put.paths',
        body: { 'a/b': '1' },
        reply: refused('config paths: "a/b" is no key of config: letters, digits, -, _ and ., at most 253'),
        keeps: { 'CONFIGDATA/paths': null },
        wasmcloud: {
          reply: done('successfully put config'),
          tells: set('paths'),
          keeps: { 'CONFIGDATA/paths': { 'a/b': '1' } },
          because: 'config is a ConfigMap, whose keys are letters, digits, -, _ and .',
        },
      },
      remove('paths'),
    ],
  },
];
