import { RUNTIME_LABEL } from '@kasmcloud/wire';
import {
  about,
  answer,
  done,
  inventory,
  refused,
  unreadable,
  type ControlExchange,
  type ControlScenario,
} from './exchange.ts';

const system = { 'hostcore.arch': '…', 'hostcore.os': 'linux', 'hostcore.osfamily': 'unix', zone: 'a' };
const { 'hostcore.os': _, ...bare } = system;
/** Labels of our host, whose WasmCloudHost says nothing of its system. */
const cluster = { [RUNTIME_LABEL]: 'kasmcloud', zone: 'a' };
const ownLabels = 'a host says that resources drive it; the one of this test is an object alone, and knows no system';

const ping = (labels: Readonly<Record<string, string>>, servers: object): object =>
  answer({ id: '{host}', lattice: 'shop', ...about(labels), ...servers });

const pinged = {
  reply: ping(cluster, {}),
  wasmcloud: {
    reply: ping(system, { rpc_host: '…', ctl_host: '…' }),
    because: `${ownLabels}; it is reached through Kubernetes, not at a server of its own`,
  },
};
const listed = {
  reply: inventory({ labels: cluster }),
  wasmcloud: { reply: inventory({ labels: system }), because: ownLabels },
};
const labelled = (more: Readonly<Record<string, string>>): Pick<ControlExchange, 'tells'> => ({
  tells: [{ name: 'labels_changed', data: { host_id: '{host}', labels: { ...cluster, ...more } } }],
});
const labelledTheirs = (more: Readonly<Record<string, string>>): NonNullable<ControlExchange['wasmcloud']> => ({
  tells: [{ name: 'labels_changed', data: { host_id: '{host}', labels: { ...system, ...more } } }],
  because: ownLabels,
});

export const hostScenarios: readonly ControlScenario[] = [
  {
    name: 'hosts tell of themselves',
    exchanges: [
      { ask: 'host.ping', ...pinged },
      { ask: 'host.ping', body: 'not JSON', ...pinged },
      { ask: 'host.get.{host}', ...listed },
      { ask: 'host.get.{host}', body: '{"components":[', ...listed },
      { ask: 'claims.get', reply: answer([]) },
      { ask: 'claims.get', body: [1], reply: answer([]) },
    ],
  },
  {
    name: 'nobody answers for who is not there',
    exchanges: [
      ...['host.get', 'host.stop', 'component.scale', 'component.update', 'provider.start', 'provider.stop'].map(
        (verb) => ({ ask: `${verb}.NOBODY`, body: { component_id: 'hello', provider_id: 'http' }, reply: null }),
      ),
      { ask: 'label.put.NOBODY', body: { key: 'rack', value: '7' }, reply: null },
      { ask: 'label.del.NOBODY', body: { key: 'rack' }, reply: null },
      ...['host.ping', 'host.get.{host}', 'link.get', 'claims.get', 'config.get.settings'].map((ask) => ({
        ask,
        lattice: 'elsewhere',
        reply: null,
      })),
      { ask: 'component.scale.{host}', lattice: 'elsewhere', body: { component_id: 'hello' }, reply: null },
    ],
  },
  {
    name: 'subjects that mean nothing',
    exchanges: [
      ...['host', 'component', 'provider', 'label'].map((topic) => ({
        ask: `${topic}.explode.{host}`,
        reply: refused('unsupported subject'),
      })),
      { ask: 'link.explode', reply: refused('unsupported subject') },
      { ask: 'config.explode.settings', reply: refused('unsupported subject') },
      { ask: 'config.get.a.b', reply: refused('unsupported subject') },
      { ask: 'config.put.a.b.c', body: {}, reply: refused('unsupported subject') },
      ...[
        'explode',
        'host',
        'host.get',
        'host.get.{host}.more',
        'claims.put',
        'link',
        'link.get.more',
        'explode.get',
      ].map((ask) => ({ ask, reply: null })),
      {
        ask: 'registry.put',
        body: {},
        reply: null,
        wasmcloud: {
          reply: done('successfully put registries'),
          because: 'images are pulled with Secrets; credentials that anyone on NATS may read are not taken',
        },
      },
    ],
  },
  {
    name: 'labels',
    exchanges: [
      {
        ask: 'label.put.{host}',
        body: { key: 'rack', value: '7' },
        reply: done('successfully put label'),
        ...labelled({ rack: '7' }),
        wasmcloud: labelledTheirs({ rack: '7' }),
      },
      {
        ask: 'label.put.{host}',
        body: { key: 'rack', value: '8', more: true },
        reply: done('successfully put label'),
        ...labelled({ rack: '8' }),
        wasmcloud: labelledTheirs({ rack: '8' }),
      },
      {
        ask: 'label.del.{host}',
        body: { key: 'rack', value: 'of a client that sends the whole label' },
        reply: done('successfully deleted label'),
        ...labelled({}),
        wasmcloud: labelledTheirs({}),
      },
      { ask: 'label.del.{host}', body: { key: 'rack' }, reply: done('successfully deleted label (no such label)') },
      {
        ask: 'label.put.{host}',
        body: { key: 'hostcore.os', value: 'other' },
        reply: refused('hostcore.* labels cannot be set dynamically'),
      },
      {
        ask: 'label.put.{host}',
        body: { key: 'HostCore.os', value: 'other' },
        reply: refused('hostcore.* labels cannot be set dynamically'),
      },
      {
        ask: 'label.del.{host}',
        body: { key: 'hostcore.os' },
        reply: refused('hostcore.* labels cannot be set dynamically'),
        wasmcloud: {
          reply: done('successfully deleted label'),
          tells: [{ name: 'labels_changed', data: { host_id: '{host}', labels: bare } }],
          because: 'a label that nobody can put back is not taken away',
        },
      },
      ...[
        '',
        'no',
        '[]',
        '{"key":1,"value":"7"}',
        '{"key":"rack"}',
        '{"value":"7"}',
        '{"key":"rack","value":null}',
      ].map((body) => ({ ask: 'label.put.{host}', body, ...unreadable('put label request') })),
      ...['', 'no', '{}', '{"key":7}'].map((body) => ({
        ask: 'label.del.{host}',
        body,
        ...unreadable('delete label request'),
      })),
    ],
  },
];

/** What ends the host, and so comes last. */
export const hostEnd: ControlScenario = {
  name: 'a host is stopped',
  exchanges: [
    // Nor a list: a wasmCloud host reads one as a command without fields, and stops.
    ...['no', '{"host_id":7}', '{"host_id":"{host}","timeout":"soon"}', '{"host_id":"{host}","timeout":-1}'].map(
      (body) => ({
        ask: 'host.stop.{host}',
        body,
        ...unreadable('stop command'),
      }),
    ),
    {
      ask: 'host.stop.{host}',
      body: { host_id: 'NOBODY' },
      reply: refused('invalid host_id [NOBODY]: the command came to {host}'),
      wasmcloud: { reply: refused('invalid host_id [NOBODY]'), because: 'both hosts are named' },
    },
    {
      ask: 'host.stop.{host}',
      body: { host_id: '{host}', timeout: 100 },
      reply: done('successfully handled stop host'),
      tells: [{ name: 'host_stopped', data: { labels: cluster } }],
      wasmcloud: { tells: [{ name: 'host_stopped', data: { labels: bare } }], because: ownLabels },
    },
    { ask: 'host.get.{host}', reply: null },
    { ask: 'component.scale.{host}', body: { component_id: 'hello', count: 1 }, reply: null },
  ],
};
