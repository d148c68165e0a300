import { type Declared } from './declared.ts';
import { type CallCost, callCost } from './call-cost.ts';
import { type Size, add, larger, scaled, times, unknownSize } from './size.ts';
import { type Node, nodesIn } from './syntax.ts';

/** What one part of a rule may cost at most, and how large its value may be. */
export interface Estimate {
  readonly cost: number;
  readonly size: Size;
  /** The size of the items, where they are computed. */
  readonly itemSize?: Size | undefined;
  /** What the schema says of the value, where it is a part of the object. */
  readonly declared: Declared | undefined;
}

/** Of each item a step of a macro costs so much more than its own expressions, and the whole so much besides. */
const macros: Readonly<Record<string, { readonly perItem: number; readonly once: number; readonly lists?: true }>> = {
  all: { perItem: 3, once: 1 },
  exists: { perItem: 4, once: 1 },
  exists_one: { perItem: 2, once: 2 },
  existsOne: { perItem: 2, once: 2 },
  filter: { perItem: 13, once: 11, lists: true },
  map: { perItem: 12, once: 11, lists: true },
  transformList: { perItem: 12, once: 11, lists: true },
  transformMap: { perItem: 3, once: 31, lists: true },
  transformMapEntry: { perItem: 2, once: 31, lists: true },
};

const sorting = { perItem: 12, once: 36, lists: true } as const;

/** What stands before a dot without being a value. */
const namespaces: ReadonlySet<string> = new Set(['sets', 'lists', 'format', 'ip', 'optional', 'strings']);

const scalars: ReadonlySet<string> = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
]);

/**
 * The most that an expression can cost, in the units of a kube-apiserver: about one for each value that is looked at.
 * Source: k8s.io/apiserver pkg/cel/library cost.go, github.com/google/cel-go checker cost.go.
 * @param self what the schema says of `self`, and so of `oldSelf`
 */
export function costOf(expression: unknown, self: Declared | undefined): number {
  const [node] = nodesIn(expression);
  return node === undefined ? 0 : new Coster(self).estimate(node).cost;
}

class Coster {
  readonly #self: Declared | undefined;
  /** Variables of macros that are being looked at. */
  readonly #variables = new Map<string, Pick<Estimate, 'size' | 'declared'>>();

  constructor(self: Declared | undefined) {
    this.#self = self;
  }

  estimate(node: Node): Estimate {
    switch (node.op) {
      case 'value':
        return { cost: 0, size: literalSize(node.args), declared: undefined };
      case 'id':
        return this.#variable(node, String(node.args));
      case '.':
        return this.#field(node);
      case '[]':
        return this.#index(node);
      case 'list':
      case 'map':
        return this.#literal(node);
      case 'call':
      case 'rcall':
        return this.#call(node);
      default:
        return this.#operator(node);
    }
  }

  #sum(nodes: readonly Node[]): { cost: number; parts: readonly Estimate[] } {
    const parts = nodes.map((each) => this.estimate(each));
    return { cost: parts.reduce((total, { cost }) => total + cost, 0), parts };
  }

  #variable(node: Node, name: string): Estimate {
    const local = this.#variables.get(name);
    if (local !== undefined) return { cost: 1, ...local };
    // A kube-apiserver takes any other name, such as that of a type, for the object as well.
    return { cost: 1, declared: this.#self, size: sizeOf(node, this.#self) };
  }

  #field(node: Node): Estimate {
    const [operand] = nodesIn(node.args);
    const name: unknown = Array.isArray(node.args) ? node.args[1] : undefined;
    if (operand === undefined) return { cost: 1, declared: undefined, size: unknownSize };
    const { cost, declared: parent } = this.estimate(operand);
    const declared = typeof name === 'string' ? parent?.fields.get(name) : undefined;
    const own = operand.checkedType?.kind === 'dyn' ? 0 : 1;
    return { cost: cost + own, declared, size: sizeOf(node, declared) };
  }

  #index(node: Node): Estimate {
    const { cost, parts } = this.#sum(nodesIn(node.args));
    const [list] = parts;
    const declared = list?.declared?.element;
    return { cost: cost + 1, declared, size: list?.itemSize ?? sizeOf(node, declared) };
  }

  #literal(node: Node): Estimate {
    const entries = Array.isArray(node.args) ? node.args : [];
    const { cost, parts } = this.#sum(entries.flatMap((entry: unknown) => nodesIn(entry)));
    const count = entries.length;
    const base = node.op === 'list' ? 10 : 30;
    const itemSize = parts.reduce<Size | undefined>(
      (size, part) => (size ? larger(size, part.size) : part.size),
      undefined,
    );
    return { cost: cost + base, size: { min: count, max: count }, declared: undefined, itemSize };
  }

  #operator(node: Node): Estimate {
    const operands = nodesIn(node.args);
    const { cost, parts } = this.#sum(operands);
    const [left, right, other] = parts;
    const result = (own: number, size: Size = sizeOf(node, undefined)): Estimate => ({
      cost: cost + own,
      size,
      declared: undefined,
    });
    switch (node.op) {
      case '&&':
      case '||':
        return result(0);
      case '?:':
        if (left === undefined || right === undefined || other === undefined) return result(1);
        return {
          cost: left.cost + Math.max(right.cost, other.cost),
          size: larger(right.size, other.size),
          declared: undefined,
        };
      case '==':
      case '!=':
        return result(equality(operands[0]?.checkedType?.name ?? '', left, right));
      case '<':
      case '<=':
      case '>':
      case '>=':
        return result(operands.some((each) => isText(each)) ? comparison(left, right) : 1);
      case 'in':
        return result(operands[1]?.checkedType?.kind === 'list' && right !== undefined ? right.size.max : 1);
      case '+':
        return left === undefined || right === undefined ? result(1) : this.#sumOf(node, cost, left, right);
      default:
        return result(1);
    }
  }

  #sumOf(node: Node, cost: number, left: Estimate, right: Estimate): Estimate {
    const { kind = '', name = '' } = node.checkedType ?? {};
    const size = add(left.size, right.size);
    if (kind === 'list') return { cost: cost + 1, size, declared: undefined };
    if (name === 'string' || name === 'bytes') return { cost: cost + scaled(size.max, 0.1), size, declared: undefined };
    return { cost: cost + 1, size: sizeOf(node, undefined), declared: undefined };
  }

  #call(node: Node): Estimate {
    const parts: readonly unknown[] = Array.isArray(node.args) ? node.args : [];
    const name = String(parts[0]).replace(/^k8s_/, '');
    const args = nodesIn(parts.at(-1));
    const receiver = node.op === 'rcall' ? nodesIn(parts[1])[0] : undefined;
    const macro = Object.hasOwn(macros, name) ? macros[name] : undefined;
    if (receiver !== undefined && macro !== undefined) return this.#macro(name, macro, receiver, args);
    if (name === 'has') return this.#presence(node, args);
    if (name === 'sortBy' && receiver !== undefined) return this.#sortBy(receiver, args);
    if ((name === 'optMap' || name === 'optFlatMap') && receiver !== undefined) return this.#optional(receiver, args);
    const namespace = receiver?.op === 'id' ? String(receiver.args) : '';
    const target = receiver === undefined || namespaces.has(namespace) ? undefined : this.estimate(receiver);
    const { cost, parts: given } = this.#sum(args);
    const own: CallCost = callCost(name, {
      target,
      targetKind: receiver?.checkedType?.kind ?? '',
      namespace,
      args: given,
      literals: args.map((each) => (each.op === 'value' ? each.args : undefined)),
      types: args.map((each) => each.checkedType?.name ?? ''),
    });
    return {
      cost: cost + (target?.cost ?? 0) + own.cost,
      size: own.size ?? sizeOf(node, undefined),
      itemSize: own.itemSize,
      declared: undefined,
    };
  }

  /** A look whether a field is there costs only the way to what should hold it. */
  #presence(node: Node, [selection]: readonly Node[]): Estimate {
    const [operand] = nodesIn(selection?.args);
    const cost = operand === undefined ? 0 : this.estimate(operand).cost;
    return { cost, size: sizeOf(node, undefined), declared: undefined };
  }

  #macro(
    name: string,
    { perItem, once, lists }: { readonly perItem: number; readonly once: number; readonly lists?: true },
    receiver: Node,
    args: readonly Node[],
  ): Estimate {
    const range = this.estimate(receiver);
    const isList = receiver.checkedType?.kind !== 'map';
    // Items of what is computed are taken for the object, as other names are.
    const item = variableOf(range.declared === undefined ? this.#self : range.declared.element);
    const key = isList
      ? { size: oneSize, declared: undefined }
      : variableOf(range.declared === undefined ? this.#self : range.declared.key);
    const hasTwo = name.startsWith('transform') || name === 'existsOne' || (args.length === 3 && name !== 'map');
    const names = args.slice(0, hasTwo ? 2 : 1).map((each) => String(each.args));
    const variables = hasTwo ? [key, item] : [isList ? item : key];
    const steps = this.#with(names, variables, () => this.#sum(args.slice(names.length)));
    const last = steps.parts.at(-1);
    return {
      cost: range.cost + once + times(range.size.max, steps.cost + perItem),
      size: lists ? { min: 0, max: range.size.max } : oneSize,
      itemSize: name === 'filter' ? item.size : last?.size,
      declared: undefined,
    };
  }

  /** Makes the keys, and orders the items by them. */
  #sortBy(receiver: Node, args: readonly Node[]): Estimate {
    const keys = this.#macro('map', sorting, receiver, args);
    const count = this.estimate(receiver).size.max;
    return { ...keys, cost: keys.cost + 2 * times(count, count) };
  }

  /** How large the value of an optional is, nobody knows. */
  #optional(receiver: Node, [variable, body]: readonly Node[]): Estimate {
    const { cost } = this.estimate(receiver);
    const names = [String(variable?.args)];
    const made = this.#with(names, [{ size: unknownSize, declared: undefined }], () => this.#sum(nodesIn(body)));
    return { cost: cost + made.cost + 4, size: unknownSize, declared: undefined };
  }

  #with<T>(names: readonly string[], values: readonly Pick<Estimate, 'size' | 'declared'>[], run: () => T): T {
    const before = names.map((name) => this.#variables.get(name));
    for (const [index, name] of names.entries()) {
      const value = values[index];
      if (value !== undefined) this.#variables.set(name, value);
    }
    const result = run();
    for (const [index, name] of names.entries()) {
      const value = before[index];
      if (value === undefined) this.#variables.delete(name);
      else this.#variables.set(name, value);
    }
    return result;
  }
}

const oneSize: Size = { min: 1, max: 1 };

const isText = ({ checkedType }: Node): boolean =>
  checkedType?.name === 'string' || checkedType?.name === 'bytes' || checkedType?.kind === 'dyn';

/** What macros know of the items that they go through. */
const variableOf = (declared: Declared | undefined): Pick<Estimate, 'size' | 'declared'> => ({
  declared,
  size: declared === undefined ? unknownSize : { min: 0, max: declared.maxElements },
});

/** Values of these types are compared in one step. */
const opaque: ReadonlySet<string> = new Set(['Quantity', 'IP', 'CIDR', 'Semver', 'Format']);

function equality(type: string, left: Estimate | undefined, right: Estimate | undefined): number {
  if (opaque.has(type)) return 1;
  if (type === 'URL') return scaled(Math.max(left?.size.max ?? 0, right?.size.max ?? 0), 0.1);
  return comparison(left, right);
}

/** Two values are compared for as far as the shorter goes. */
const comparison = (left: Estimate | undefined, right: Estimate | undefined): number =>
  scaled(Math.min(left?.size.max ?? 0, right?.size.max ?? 0), 0.1);

function sizeOf(node: Node, declared: Declared | undefined): Size {
  if (declared !== undefined) return { min: 0, max: declared.maxElements };
  return scalars.has(node.checkedType?.name ?? '') ? oneSize : unknownSize;
}

function literalSize(value: unknown): Size {
  const length = typeof value === 'string' ? Buffer.byteLength(value) : value instanceof Uint8Array ? value.length : 1;
  return value === null ? unknownSize : { min: length, max: length };
}
