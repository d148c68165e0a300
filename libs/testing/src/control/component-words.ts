import { inventory, type ControlExchange, type ToldEvent } from './exchange.ts';

/** As wadm gives them. */
export const annotations = { 'wasmcloud.dev/managed-by': 'wadm' };

interface Scaled {
  readonly id?: string;
  readonly image?: string;
  readonly count: number;
  readonly annotations?: object;
  readonly host?: string;
}
export const scaled = ({ id = 'hello', image = '{image}', count, host = '{host}', ...said }: Scaled): ToldEvent => ({
  name: 'component_scaled',
  data: {
    annotations: said.annotations ?? {},
    component_id: id,
    host_id: host,
    image_ref: image,
    max_instances: count,
  },
});
export const failed = (id: string, error: string): ToldEvent => ({
  name: 'component_scale_failed',
  data: { annotations: {}, component_id: id, host_id: '{host}', image_ref: '{nowhere}', max_instances: 1, error },
});
export const scale = (count: number, more: object = {}): Pick<ControlExchange, 'ask' | 'body'> => ({
  ask: 'component.scale.{host}',
  body: { component_id: 'hello', component_ref: '{image}', host_id: '{host}', count, ...more },
});
export const update = (more: object): Pick<ControlExchange, 'ask' | 'body'> => ({
  ask: 'component.update.{host}',
  body: { component_id: 'hello', host_id: '{host}', ...more },
});
export const running = (more: object): ControlExchange => ({
  ask: 'host.get.{host}',
  reply: inventory({
    components: [{ id: 'hello', image_ref: '{image}', annotations: {}, revision: 0, limits: null, ...more }],
  }),
});
export const twice = 'a start is told once; hosts tell it twice';
