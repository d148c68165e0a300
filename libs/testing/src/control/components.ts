import { annotations, failed, running, scale, scaled, twice, update } from './component-words.ts';
import { done, refused, type ControlScenario } from './exchange.ts';

/** A component from its start to its end. */
export const componentScenarios: readonly ControlScenario[] = [
  {
    name: 'a component is started, scaled, updated and stopped',
    exchanges: [
      {
        ...scale(2, { annotations }),
        reply: done(),
        tells: [scaled({ count: 2, annotations })],
        keeps: { 'LATTICEDATA/COMPONENT_hello': null },
        wasmcloud: {
          tells: [scaled({ count: 2, annotations }), scaled({ count: 2, annotations })],
          keeps: { 'LATTICEDATA/COMPONENT_hello': { url: '{image}', links: [] } },
          because: `${twice}; what runs is an Actor, and the bucket has links only`,
        },
      },
      running({ annotations, max_instances: 2 }),
      { ...scale(2, { annotations }), reply: done(), tells: [scaled({ count: 2, annotations })] },
      { ...scale(5, { annotations }), reply: done(), tells: [scaled({ count: 5, annotations })] },
      running({ annotations, max_instances: 5 }),
      {
        ...scale(5, { annotations, component_ref: '{image2}' }),
        reply: done(
          'Requested to scale existing component to a different image reference: {image} != {image2}. The component will be scaled but the image reference will not be updated. If you meant to update this component to a new image ref, use the update command.',
        ),
        tells: [scaled({ count: 5, annotations })],
      },
      {
        ...update({ new_component_ref: '{image}' }),
        reply: done('component hello already updated to {image}'),
      },
      {
        ...update({ new_component_ref: '{image2}', annotations }),
        reply: done('component hello updating from {image} to {image2}'),
        tells: [scaled({ image: '{image2}', count: 5, annotations })],
        wasmcloud: {
          tells: [
            scaled({ image: '{image2}', count: 5, annotations }),
            scaled({ image: '{image2}', count: 0, annotations }),
          ],
          because: 'what replaces a component is not told as its end',
        },
      },
      running({ annotations, max_instances: 5, image_ref: '{image2}' }),
      {
        ...scale(0, { component_ref: '{image2}' }),
        reply: done(),
        tells: [scaled({ image: '{image2}', count: 0, annotations })],
      },
      { ...update({ new_component_ref: '{image}' }), reply: refused('component hello not found') },
    ],
  },
  {
    name: 'limits and config',
    exchanges: [
      {
        ask: 'config.put.settings',
        body: { color: 'red' },
        reply: done('successfully put config'),
        tells: [{ name: 'config_set', data: { config_name: 'settings' } }],
      },
      {
        ...scale(1, {
          config: ['settings'],
          component_limits: { max_memory_limit: '67108864', max_execution_time: '10' },
        }),
        reply: done(),
        tells: [scaled({ count: 1 })],
        wasmcloud: { tells: [scaled({ count: 1 }), scaled({ count: 1 })], because: twice },
      },
      running({ max_instances: 1, limits: { max_memory_limit: '67108864', max_execution_time: '10' } }),
      { ...scale(0), reply: done(), tells: [scaled({ count: 0 })] },
      {
        ask: 'config.del.settings',
        reply: done('successfully deleted config'),
        tells: [{ name: 'config_deleted', data: { config_name: 'settings' } }],
      },
    ],
  },
  {
    name: 'scaled with another image that is to be taken',
    exchanges: [
      {
        ...scale(1),
        reply: done(),
        tells: [scaled({ count: 1 })],
        wasmcloud: { tells: [scaled({ count: 1 }), scaled({ count: 1 })], because: twice },
      },
      {
        ...scale(2, { component_ref: '{image2}', allow_update: true }),
        reply: done(
          'Requested to scale existing component, with a changed image reference: {image} != {image2}. The component will be scaled, and the image reference will be updated afterwards.',
        ),
        tells: [scaled({ image: '{image2}', count: 2 })],
        wasmcloud: {
          tells: [scaled({ count: 2 })],
          because: 'the image that runs from now on is told, not the one before',
        },
      },
      { ...scale(0, { component_ref: '{image2}' }), reply: done(), tells: [scaled({ image: '{image2}', count: 0 })] },
    ],
  },
  {
    name: 'an image that is nowhere',
    exchanges: [
      {
        ...scale(1, { component_id: 'sick', component_ref: '{nowhere}' }),
        reply: done(),
        tells: [failed('sick', 'ImagePullBackOff: no such image')],
        wasmcloud: { tells: [failed('sick', '…')], because: 'the condition of the Actor is told' },
      },
      {
        ...scale(0, { component_id: 'sick', component_ref: '{nowhere}' }),
        reply: done(),
        tells: [scaled({ id: 'sick', image: '{nowhere}', count: 0 })],
      },
    ],
  },
];
