import type { Estimate } from './cost.ts';
import { type Size, scaled, times, unknownSize } from './size.ts';

/** What is known of a call: everything is estimated already. */
export interface Call {
  readonly target: Estimate | undefined;
  /** `list`, `map` … of the target's type. */
  readonly targetKind: string;
  /** The name before the dot, as in `sets.contains`. */
  readonly namespace: string;
  readonly args: readonly Estimate[];
  /** The values of the arguments that are literals. */
  readonly literals: readonly unknown[];
  /** The types of the arguments, as CEL names them. */
  readonly types: readonly string[];
}

export interface CallCost {
  readonly cost: number;
  /** The size of the result, where the function tells. */
  readonly size?: Size | undefined;
  readonly itemSize?: Size | undefined;
}

const traversal = 0.1;
const regexPart = 0.25;

const sizeAt = ({ args }: Call, index: number): Size => args[index]?.size ?? unknownSize;
const targetSize = ({ target }: Call): Size => target?.size ?? unknownSize;

const readsArgument = (call: Call): CallCost => ({ cost: scaled(sizeAt(call, 0).max, traversal) });
const readsTarget = (call: Call): CallCost => ({
  cost: scaled(targetSize(call).max, traversal),
  size: targetSize(call),
});

/** One for each item, and for a text as much as its length. */
function comparesItems(call: Call): CallCost {
  const { target, targetKind } = call;
  if (targetKind !== 'list') return { cost: scaled(targetSize(call).max, traversal) };
  const item = target?.declared?.element?.maxElements ?? target?.itemSize?.max ?? 0;
  return { cost: times(targetSize(call).max, 1 + scaled(item, traversal)) };
}

function matches(call: Call): CallCost {
  const text = scaled(targetSize(call).max + 1, traversal);
  return { cost: times(text, scaled(sizeAt(call, 0).max, regexPart)) };
}

function contains(call: Call): CallCost {
  if (call.namespace === 'sets') return ofSets(call, 1);
  return { cost: times(scaled(targetSize(call).max, traversal), scaled(sizeAt(call, 0).max, traversal)) };
}

const ofSets = (call: Call, factor: number): CallCost => ({
  cost: 1 + times(sizeAt(call, 0).max, sizeAt(call, 1).max) * factor,
});

function replaced(call: Call): CallCost {
  const text = targetSize(call);
  const old = sizeAt(call, 0);
  const next = sizeAt(call, 1);
  const most = times(old.min === 0 ? (text.max === 0 ? 0 : Infinity) : Math.ceil(text.max / old.min), next.max);
  const least = times(Math.ceil(old.max === 0 ? 0 : text.min / old.max), next.min);
  return { cost: scaled(text.max, 2 * traversal), size: { min: least, max: most } };
}

function split(call: Call): CallCost {
  const limit = call.literals[1];
  const max = typeof limit === 'bigint' ? Number(limit) : targetSize(call).max;
  return { cost: scaled(targetSize(call).max, 2 * traversal), size: { min: 0, max } };
}

function joined(call: Call): CallCost {
  const count = targetSize(call).max;
  const item = call.target?.declared?.element?.maxElements ?? call.target?.itemSize?.max ?? 0;
  const separators = call.args.length === 0 ? 0 : times(sizeAt(call, 0).max, Math.max(count - 1, 0));
  const max = times(count, item) + separators;
  return { cost: scaled(max, traversal), size: { min: 0, max } };
}

const found = (call: Call): CallCost => ({ ...matches(call), size: { min: 0, max: targetSize(call).max } });

/** What makes a list, of so many items. */
const listBase = 11;
const makesList = (size: Size): CallCost => ({ cost: listBase + size.max, size });

/** Each item is compared with each. */
function ordersItems(call: Call): CallCost {
  const size = targetSize(call);
  return { cost: listBase + 2 * times(size.max, size.max), size };
}

function sliced(call: Call): CallCost {
  const [start, end] = call.literals;
  if (typeof start !== 'bigint' || typeof end !== 'bigint') return makesList(targetSize(call));
  const count = Math.max(Number(end - start), 0);
  return makesList({ min: count, max: count });
}

function ranged(call: Call): CallCost {
  const [count] = call.literals;
  return makesList(typeof count === 'bigint' ? { min: 0, max: Math.max(Number(count), 0) } : unknownSize);
}

/** Parses the argument where it is a text still. */
const compares =
  (cost: number) =>
  (call: Call): CallCost => ({ cost: cost + (call.types[0] === 'string' ? readsArgument(call).cost : 0) });

/** The longest pattern of a format, in bytes. */
const formatPattern = 128;

/** Functions that do not cost one. */
const costs: Readonly<Record<string, (call: Call) => CallCost>> = {
  bytes: (call) => {
    const { min, max } = sizeAt(call, 0);
    return call.types[0] === 'string' ? { cost: scaled(max, traversal), size: { min, max: max * 4 } } : { cost: 1 };
  },
  string: (call) => {
    const { min, max } = sizeAt(call, 0);
    return call.types[0] === 'bytes' ? { cost: scaled(max, traversal), size: { min: min / 4, max } } : { cost: 1 };
  },
  dyn: (call) => ({ cost: 1, size: sizeAt(call, 0) }),
  startsWith: readsArgument,
  endsWith: readsArgument,
  contains,
  matches,
  find: found,
  findAll: found,
  format: (call) => ({ cost: scaled(targetSize(call).max, traversal) }),
  lowerAscii: readsTarget,
  upperAscii: readsTarget,
  substring: readsTarget,
  trim: readsTarget,
  replace: replaced,
  split,
  join: joined,
  isSorted: comparesItems,
  sum: comparesItems,
  min: comparesItems,
  max: comparesItems,
  indexOf: comparesItems,
  lastIndexOf: comparesItems,
  url: (call) => ({ ...readsArgument(call), size: sizeAt(call, 0) }),
  quantity: readsArgument,
  isQuantity: readsArgument,
  isCanonical: (call) => ({ cost: scaled(sizeAt(call, 0).max, 2 * traversal) }),
  containsIP: compares(4),
  containsCIDR: compares(7),
  validate: (call) => ({
    cost: times(scaled(sizeAt(call, 0).max, traversal), scaled(formatPattern, regexPart)),
  }),
  quote: (call) => ({ ...readsArgument(call), size: { min: 2, max: sizeAt(call, 0).max * 2 + 2 } }),
  slice: sliced,
  range: ranged,
  reverse: (call) => makesList(targetSize(call)),
  flatten: (call) => makesList(targetSize(call)),
  distinct: ordersItems,
  sort: ordersItems,
  ip: (call) => (call.target === undefined ? readsArgument(call) : { cost: 1 }),
  isIP: readsArgument,
  cidr: readsArgument,
  isCIDR: readsArgument,
  semver: readsArgument,
  isSemver: readsArgument,
  intersects: (call) => ofSets(call, 1),
  equivalent: (call) => ofSets(call, 2),
};

/** What a function costs besides its target and its arguments. */
export function callCost(name: string, call: Call): CallCost {
  return (Object.hasOwn(costs, name) ? costs[name]?.(call) : undefined) ?? { cost: 1 };
}
