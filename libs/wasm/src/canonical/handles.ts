import type { ResourceType } from './abi-type.ts';
import { mismatch, type Codec, type CoreValue } from './codec.ts';
import type { Context } from './context.ts';

/** What a handle of a resource that a component defines is outside that component. */
export class GuestResource {
  readonly resource: ResourceType;
  /** By which number its component knows it. */
  readonly rep: number;

  constructor(resource: ResourceType, rep: number) {
    this.resource = resource;
    this.rep = rep;
  }
}

/** An object for what a component defines, and the host's own object for what the host does. */
const outside = (resource: ResourceType, stands: unknown): unknown =>
  resource.owner === undefined ? stands : new GuestResource(resource, Number(stands));

const inside = (resource: ResourceType, value: unknown): unknown => {
  if (resource.owner === undefined) {
    if (typeof value !== 'object' || value === null) throw mismatch('a resource', value);
    return value;
  }
  if (!(value instanceof GuestResource) || value.resource !== resource)
    throw mismatch('a resource of that component', value);
  return value.rep;
};

interface HandleForm {
  readonly give: (cx: Context, value: unknown) => number;
  readonly receive: (cx: Context, handle: number) => unknown;
}

const handle = ({ give, receive }: HandleForm): Codec => ({
  size: 4,
  align: 4,
  flat: ['i32'],
  load: (cx: Context, at: number) => receive(cx, cx.view.getUint32(at, true)),
  store: (cx: Context, value: unknown, at: number) => cx.view.setUint32(at, give(cx, value), true),
  lift: (cx: Context, values: readonly CoreValue[], at: number) => receive(cx, Number(values[at]) >>> 0),
  lower: (cx: Context, value: unknown, out: CoreValue[]) => void out.push(give(cx, value)),
});

export const own = (resource: ResourceType): Codec =>
  handle({
    give: ({ instance }, value) => instance.table.add(resource, inside(resource, value)),
    receive: ({ instance }, index) => outside(resource, instance.table.take(index, resource)),
  });

/** A borrowed handle is one of the callee's for the time of the call; who defines the resource gets its own number. */
export const borrow = (resource: ResourceType): Codec =>
  handle({
    give: ({ instance, scope }, value) => {
      const stands = inside(resource, value);
      return instance.number === resource.owner ? Number(stands) : instance.table.add(resource, stands, scope);
    },
    receive: ({ instance }, index) => outside(resource, instance.table.get(index, resource)),
  });
