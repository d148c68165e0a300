import type { SpreadEntry } from '../model/distribution.ts';
import { hashText } from '../model/hash.ts';
import { codeOf, VERDICTS, type Verdict } from '../filter/verdict.ts';
import { ChangeLog } from './change-log.ts';
import type { HostView } from './inventory.ts';

/** How a branch divides its replicas among its children. */
export type Rule =
  /** One entry of `spread`; `index` is its place in the spec. `weights` go by child. */
  | {
      readonly kind: 'Spread';
      readonly entry: SpreadEntry;
      readonly index: number;
      readonly weights: Float64Array | undefined;
    }
  /** As level as possible. */
  | { readonly kind: 'Even' }
  /** As few children as possible. */
  | { readonly kind: 'Packed' }
  /** Each child full before the next. With `overflow`, children are tiers: after one without, nothing new goes to the next while it is in use. */
  | { readonly kind: 'Ordered'; readonly overflow: readonly boolean[] | undefined };

/** A node while the tree is being built; one without a rule is a leaf. */
export interface Draft {
  /** Value of the topology key; what weights go by. */
  readonly value: string;
  readonly rule: Rule | undefined;
  readonly children: readonly Draft[];
  /** Numbers of the hosts of a leaf, ascending. */
  readonly hosts: Int32Array;
  /** The entry of `spread` by host that a leaf stands for. */
  readonly entry: { readonly entry: SpreadEntry; readonly index: number } | undefined;
}

/**
 * Every host that may hold a replica, arranged by the domains that matter to one distribution. Nodes are numbered from
 * the root down, those of one parent in a row, so that figures by number of the node hold a family side by side and a
 * walk from the last number to the first meets children before parents. Hosts have positions: those of a leaf are in a row.
 */
export class Tree {
  /** Number of nodes. */
  readonly size: number;
  /** By node: number of its first child, and how many it has; 0 for a leaf. */
  readonly first: Int32Array;
  readonly families: Int32Array;
  readonly parents: Int32Array;
  /** By node: positions of a leaf. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** By node. */
  readonly rules: readonly (Rule | undefined)[];
  readonly values: readonly string[];
  readonly entries: readonly Draft['entry'][];
  /** Nodes that divide by an entry of `spread`. */
  readonly spreads: Int32Array;
  /** Whether there are leaves that stand for one. */
  readonly hasEntries: boolean;
  /** By node: hash of the value, for ties. */
  readonly nodeSeeds: Uint32Array;
  /** By node: eligible hosts. Only a domain that has one counts in a skew. */
  readonly eligible: Int32Array;
  /** By node: hosts that may keep what they have. A domain without any is none. */
  readonly present: Int32Array;
  /** Whether no rule lets a branch hold less than its children together. */
  readonly isPlain: boolean;
  /** Whether leaves are packed. */
  readonly packed: boolean;
  /** By position: how much the spec prefers a host. Undefined where levels say that. */
  readonly scores: Float64Array | undefined;
  /** By position: number of the host in the inventory. */
  readonly indices: Int32Array;
  /** By position: hash of the host, for ties. */
  readonly seeds: Uint32Array;
  /** By position: whether the host takes anything new. */
  readonly open: Uint8Array;
  /** By position: whether what the host has neither grows nor shrinks. */
  readonly frozen: Uint8Array;
  /** By position: number of the leaf that the host is in. */
  readonly leaves: Int32Array;
  /** Position by number of the host in the inventory; -1 when it is not in the tree. */
  readonly positions: Int32Array;
  /** Hosts about which the verdict changed. */
  readonly log = new ChangeLog(2 ** 10);
  /** By position: what of {@link VERDICTS} the host is. */
  readonly #verdicts: Uint8Array;
  #frozen = 0;

  /** `scoreOf`: how much the spec prefers a host, by its number, where levels do not say that. */
  constructor(root: Draft, packed: boolean, hosts: readonly HostView[], scoreOf?: (host: number) => number) {
    const nodes = breadthFirst(root);
    const count = nodes.reduce((sum, { draft }) => sum + draft.hosts.length, 0);
    this.size = nodes.length;
    this.packed = packed;
    this.isPlain = nodes.every(({ draft }) => draft.rule === undefined || !bounds(draft.rule, draft.children.length));
    this.first = Int32Array.from(nodes, ({ first }) => first);
    this.families = Int32Array.from(nodes, ({ draft }) => draft.children.length);
    this.parents = Int32Array.from(nodes, ({ parent }) => parent);
    this.starts = new Int32Array(this.size);
    this.ends = new Int32Array(this.size);
    this.rules = nodes.map(({ draft }) => draft.rule);
    this.values = nodes.map(({ draft }) => draft.value);
    this.spreads = Int32Array.from([...nodes.keys()].filter((node) => this.rules[node]?.kind === 'Spread'));
    this.hasEntries = nodes.some(({ draft }) => draft.entry !== undefined);
    this.entries = nodes.map(({ draft }) => draft.entry);
    this.nodeSeeds = Uint32Array.from(nodes, ({ draft }) => hashText(draft.value));
    this.eligible = new Int32Array(this.size);
    this.present = new Int32Array(this.size);
    this.indices = new Int32Array(count);
    this.seeds = new Uint32Array(count);
    this.open = new Uint8Array(count);
    this.frozen = new Uint8Array(count);
    this.leaves = new Int32Array(count);
    this.positions = new Int32Array(hosts.length).fill(-1);
    this.#verdicts = new Uint8Array(count).fill(OUT);
    let position = 0;
    for (const [node, { draft }] of nodes.entries()) {
      this.starts[node] = position;
      for (const host of draft.hosts) {
        this.indices[position] = host;
        this.seeds[position] = hosts[host]?.seed ?? 0;
        this.leaves[position] = node;
        this.positions[host] = position;
        position += 1;
      }
      this.ends[node] = position;
    }
    this.scores = scoreOf && Float64Array.from(this.indices, scoreOf);
  }

  /** Whether there is a host whose replicas can neither grow nor go. */
  get hasFrozen(): boolean {
    return this.#frozen > 0;
  }

  /** Whether a node has no children. */
  isLeaf(node: number): boolean {
    return this.rules[node] === undefined;
  }

  /** Says what a host may do now, by its number; a host that is not in the tree stays outside. */
  judge(host: number, code: number): void {
    const position = this.positions[host] ?? -1;
    const before = verdictOf(this.#verdicts[position]);
    const now = verdictOf(code);
    if (position < 0 || before === now) return;
    this.#verdicts[position] = code;
    this.log.add(host);
    this.open[position] = Number(now.use === 'Open');
    this.#frozen += Number(now.frozen) - Number(before.frozen);
    this.frozen[position] = Number(now.frozen);
    const eligible = Number(isEligible(now)) - Number(isEligible(before));
    const present = Number(now.use !== 'Out') - Number(before.use !== 'Out');
    for (let node = this.leaves[position] ?? -1; node >= 0; node = this.parents[node] ?? -1) {
      this.eligible[node] = (this.eligible[node] ?? 0) + eligible;
      this.present[node] = (this.present[node] ?? 0) + present;
    }
  }
}

/** Whether a branch under this rule may hold less than its children together. */
export function bounds(rule: Rule, children: number): boolean {
  if (rule.kind === 'Ordered') return rule.overflow !== undefined;
  if (rule.kind !== 'Spread') return false;
  const { block, max, maxDomains, minDomains, fullDomainsBlock } = rule.entry;
  if (max !== Infinity || children > maxDomains) return true;
  if (rule.weights !== undefined) return block || rule.weights.includes(0);
  return block && (minDomains > 1 || fullDomainsBlock);
}

const NOWHERE: Verdict = { use: 'Out', frozen: false, filter: 'HostLost' };

const OUT = codeOf(NOWHERE);

const verdictOf = (code: number | undefined): Verdict => VERDICTS[code ?? OUT] ?? NOWHERE;

const isEligible = ({ use }: Verdict): boolean => use === 'Open' || use === 'Full';

function breadthFirst(root: Draft): { draft: Draft; first: number; parent: number }[] {
  const nodes = [{ draft: root, first: 0, parent: -1 }];
  // The list grows while it is read, by each node once.
  for (let id = 0; id < nodes.length; id++) {
    const node = nodes[id];
    if (node === undefined) break;
    node.first = nodes.length;
    for (const draft of node.draft.children) nodes.push({ draft, first: 0, parent: id });
  }
  return nodes;
}
