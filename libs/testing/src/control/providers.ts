import { done, inventory, refused, unreadable, type ControlScenario, type ToldEvent } from './exchange.ts';

const command = { provider_id: 'client', host_id: '{host}' };
const start = { ask: 'provider.start.{host}', body: { ...command, provider_ref: '{provider}', config: [] } };

const unschemed = 'an image is told as it was asked for, with its scheme, as those of components are';
const before1 = 'hosts say for clients older than 1.0 what nobody reads now';

const started = (image: string): readonly ToldEvent[] => [
  {
    name: 'provider_started',
    data: { host_id: '{host}', image_ref: image, provider_id: 'client', annotations: {} },
  },
];
const startFailed = (id: string, ref: string, more: object): readonly ToldEvent[] => [
  { name: 'provider_start_failed', data: { host_id: '{host}', provider_id: id, provider_ref: ref, ...more } },
];
const stopped = (more: object): readonly ToldEvent[] => [
  {
    name: 'provider_stopped',
    data: { host_id: '{host}', provider_id: 'client', annotations: {}, reason: 'stop', ...more },
  },
];
const running = (image: string): object =>
  inventory({ providers: [{ id: 'client', image_ref: image, revision: 0, annotations: {} }] });

export const providerScenarios: readonly ControlScenario[] = [
  {
    name: 'a provider is started and stopped',
    exchanges: [
      {
        ...start,
        reply: done('successfully started provider'),
        tells: started('{provider}'),
        wasmcloud: { tells: started('http-client'), because: unschemed },
      },
      {
        ask: 'host.get.{host}',
        reply: running('{provider}'),
        wasmcloud: { reply: running('http-client'), because: unschemed },
      },
      { ...start, reply: refused('provider with that ID is already running') },
      {
        ask: 'provider.auction',
        body: { provider_ref: '{provider}', provider_id: 'client', constraints: {} },
        reply: null,
      },
      {
        ask: 'provider.stop.{host}',
        body: command,
        reply: done('successfully stopped provider'),
        tells: stopped({}),
        wasmcloud: {
          tells: stopped({ instance_id: 'client', public_key: 'client', link_name: 'default' }),
          because: before1,
        },
      },
      { ask: 'provider.stop.{host}', body: command, reply: refused('provider with that ID is not running') },
      {
        ask: 'provider.stop.{host}',
        body: { provider_ref: 'client', host_id: '{host}' },
        reply: refused('provider with that ID is not running'),
      },
    ],
  },
  {
    name: 'a provider that is nowhere',
    exchanges: [
      {
        ask: 'provider.start.{host}',
        body: { ...command, provider_id: 'sick', provider_ref: '{nowhere}', config: [] },
        reply: done('successfully started provider'),
        tells: startFailed('sick', '{nowhere}', { error: 'ImagePullBackOff: no such image' }),
        wasmcloud: {
          tells: startFailed('sick', '{nowhere}', { error: '…', link_name: 'default' }),
          because: `the condition of the Provider is told; ${before1}`,
        },
      },
      {
        ask: 'provider.stop.{host}',
        body: { ...command, provider_id: 'sick' },
        reply: done('successfully stopped provider'),
        wasmcloud: {
          reply: refused('provider with that ID is not running'),
          because: 'the Provider is there, and is tried again until it is stopped',
        },
      },
    ],
  },
  {
    name: 'commands about providers that cannot be read',
    exchanges: [
      ...[
        '',
        'no',
        '[]',
        '{}',
        '{"provider_ref":"{provider}"}',
        '{"provider_id":7,"provider_ref":"{provider}"}',
        '{"provider_id":"client","provider_ref":"{provider}","config":"settings"}',
        '{"provider_id":"client","provider_ref":"{provider}","annotations":[]}',
      ].map((body) => ({ ask: 'provider.start.{host}', body, ...unreadable('provider start command') })),
      {
        ask: 'provider.start.{host}',
        body: { provider_id: 'client', host_id: '{host}' },
        ...unreadable('provider start command', {
          reply: done('successfully started provider'),
          tells: startFailed('client', '', { error: '…', link_name: 'default' }),
        }),
      },
      ...['', 'no', '{"provider_id":7}'].map((body) => ({
        ask: 'provider.stop.{host}',
        body,
        ...unreadable('provider stop command'),
      })),
      ...['[]', '{}'].map((body) => ({
        ask: 'provider.stop.{host}',
        body,
        ...unreadable('provider stop command', { reply: refused('provider with that ID is not running') }),
      })),
      {
        ask: 'provider.stop.{host}',
        body: { provider_id: 'a.b', host_id: '{host}' },
        reply: refused('a.b is no id: letters, digits, - and _, at most 128'),
        wasmcloud: {
          reply: refused('provider with that ID is not running'),
          because: 'an id is a token of subjects and part of a name in Kubernetes',
        },
      },
    ],
  },
];
