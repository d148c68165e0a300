import { answer, done, unreadable, type ControlScenario, type ToldEvent } from './exchange.ts';

const told = (count: number): ToldEvent => ({
  name: 'component_scaled',
  data: { annotations: {}, component_id: 'hello', host_id: '{host}', image_ref: '{image}', max_instances: count },
});
const lot = (constraints: object): object => ({ component_ref: '{image}', component_id: 'hello', constraints });
const bid = (componentId: string, constraints: object): object =>
  answer({ component_ref: '{image}', component_id: componentId, host_id: '{host}', constraints });
const mixedUp = 'hosts mix up id and image: they bid for what they run, and give the image as the id';
const offered = (constraints: object) => ({
  ask: 'component.auction',
  body: lot(constraints),
  reply: bid('hello', constraints),
  wasmcloud: { reply: bid('{image}', constraints), because: mixedUp },
});
const providerLot = (constraints: object): object => ({
  provider_ref: '{provider}',
  provider_id: 'client',
  constraints,
});

export const auctionScenarios: readonly ControlScenario[] = [
  {
    name: 'auctions for components',
    exchanges: [
      offered({}),
      offered({ zone: 'a' }),
      { ask: 'component.auction', body: lot({ zone: 'b' }), reply: null },
      { ask: 'component.auction', body: lot({ zone: 'a', rack: '7' }), reply: null },
      {
        ask: 'component.scale.{host}',
        body: { component_id: 'hello', component_ref: '{image}', host_id: '{host}', count: 1 },
        reply: done(),
        tells: [told(1)],
        wasmcloud: { tells: [told(1), told(1)], because: 'a start is told once; hosts tell it twice' },
      },
      {
        ask: 'component.auction',
        body: lot({}),
        reply: null,
        wasmcloud: { reply: bid('{image}', {}), because: mixedUp },
      },
      {
        ask: 'component.scale.{host}',
        body: { component_id: 'hello', component_ref: '{image}', host_id: '{host}', count: 0 },
        reply: done(),
        tells: [told(0)],
      },
      ...[
        '',
        'no',
        '[]',
        '{}',
        '{"component_ref":"r","component_id":"hello"}',
        '{"component_ref":"r","constraints":{}}',
      ]
        .concat('{"component_ref":"r","component_id":"hello","constraints":{"zone":1}}')
        .map((body) => ({ ask: 'component.auction', body, ...unreadable('component auction command') })),
    ],
  },
  {
    name: 'auctions for providers',
    exchanges: [
      ...[{}, { zone: 'a' }].map((constraints) => ({
        ask: 'provider.auction',
        body: providerLot(constraints),
        reply: answer({ ...providerLot(constraints), host_id: '{host}' }),
      })),
      { ask: 'provider.auction', body: providerLot({ zone: 'b' }), reply: null },
      ...[
        '',
        'no',
        '{}',
        '{"provider_ref":"r","provider_id":"client"}',
        '{"provider_id":"client","constraints":[]}',
      ].map((body) => ({ ask: 'provider.auction', body, ...unreadable('provider auction command') })),
    ],
  },
];
