import { running, scale, scaled, twice } from './component-words.ts';
import { done, refused, unreadable, type ControlScenario } from './exchange.ts';

/** Commands that say too little, too much, or what cannot be read. */
export const oddComponentScenarios: readonly ControlScenario[] = [
  {
    name: 'counts',
    exchanges: [
      { ...scale(0), reply: done(), tells: [scaled({ count: 0 })] },
      {
        ask: 'component.scale.{host}',
        body: { component_id: 'hello', component_ref: '{image}', host_id: '{host}' },
        reply: done(),
        tells: [scaled({ count: 0 })],
      },
      {
        ask: 'component.scale.{host}',
        body: { component_id: 'hello', component_ref: '{image}', host_id: '{host}', max_instances: 9 },
        reply: done(),
        tells: [scaled({ count: 0 })],
      },
      {
        ...scale(4_294_967_295),
        reply: done(),
        tells: [scaled({ count: 1_000_000 })],
        wasmcloud: {
          tells: [scaled({ count: 4_294_967_295 }), scaled({ count: 4_294_967_295 })],
          because: `${twice}; an Actor has a million instances at most, which bounds nothing`,
        },
      },
      { ...scale(0), reply: done(), tells: [scaled({ count: 0 })] },
      ...[-1, 1.5, 4_294_967_296, '3', null, true].map((count) => ({
        ...scale(0, { count }),
        ...unreadable('component scale command'),
      })),
    ],
  },
  {
    name: 'who scales and says no more than it must',
    exchanges: [
      {
        ask: 'component.scale.{host}',
        body: { component_id: 'hello', component_ref: '{image}', count: 1 },
        reply: done(),
        tells: [scaled({ count: 1 })],
        wasmcloud: {
          tells: [scaled({ count: 1 }), scaled({ count: 1, host: '' })],
          because: `${twice}, once with the host that the request names`,
        },
      },
      running({ max_instances: 1 }),
      {
        ask: 'component.scale.{host}',
        body: { component_id: 'hello', host_id: '{host}' },
        reply: done(),
        tells: [scaled({ count: 0 })],
        wasmcloud: {
          reply: done(
            'Requested to scale existing component to a different image reference: {image} != . The component will be scaled but the image reference will not be updated. If you meant to update this component to a new image ref, use the update command.',
          ),
          because: 'no image is not another image',
        },
      },
      {
        ask: 'component.scale.{host}',
        body: { component_id: 'hello', host_id: '{host}', count: 1 },
        reply: refused('component hello: there is no component_ref to start it from'),
        wasmcloud: {
          reply: done(),
          tells: [
            {
              name: 'component_scale_failed',
              data: {
                annotations: {},
                component_id: 'hello',
                host_id: '{host}',
                image_ref: '',
                max_instances: 1,
                error: '…',
              },
            },
          ],
          because: 'what cannot be started is refused at once',
        },
      },
    ],
  },
  {
    name: 'ids and texts that are hostile',
    exchanges: [
      ...['', 'a.b', '../etc', '>', 'x'.repeat(200)].map((id) => ({
        ...scale(0, { component_id: id }),
        reply: refused(
          id === ''
            ? 'failed to deserialize component scale command: …'
            : `${id} is no id: letters, digits, - and _, at most 128`,
        ),
        wasmcloud: {
          reply: done(),
          tells: [scaled({ id, count: 0 })],
          because: 'an id is a token of subjects and part of a name in Kubernetes',
        },
      })),
      {
        ...scale(0, { annotations: { note: 'x'.repeat(3_000) } }),
        reply: refused('failed to deserialize component scale command: …'),
        wasmcloud: {
          reply: done(),
          tells: [scaled({ count: 0, annotations: { note: 'x'.repeat(3_000) } })],
          because: 'no text of a command needs more than 2,048 characters',
        },
      },
    ],
  },
  {
    name: 'commands about components that cannot be read',
    exchanges: [
      ...[
        '',
        'no',
        '[]',
        '"hello"',
        'null',
        '{}',
        '{"component_id":7}',
        '{"component_id":null,"count":0}',
        '{"component_id":"hello","count":0,"annotations":["a"]}',
        '{"component_id":"hello","count":0,"annotations":{"a":1}}',
        '{"component_id":"hello","count":0,"component_limits":"none"}',
        '{"component_id":"hello","count":0,"config":"settings"}',
        '{"component_id":"hello","count":0,"config":[1]}',
        '{"component_id":"hello","count":0,"allow_update":"yes"}',
        '{"component_id":"hello","count":0',
      ].map((body) => ({ ask: 'component.scale.{host}', body, ...unreadable('component scale command') })),
      ...['', 'no', 'null', '{"component_id":7}'].map((body) => ({
        ask: 'component.update.{host}',
        body,
        ...unreadable('component update command'),
      })),
      ...['[]', '{}', '{"component_id":"hello"}', '{"new_component_ref":"{image}"}'].map((body) => ({
        ask: 'component.update.{host}',
        body,
        ...unreadable('component update command', {
          reply: refused(`component ${body.includes('hello') ? 'hello' : ''} not found`),
        }),
      })),
    ],
  },
];
