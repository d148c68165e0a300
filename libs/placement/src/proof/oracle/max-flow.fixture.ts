/**
 * Minimum-cost maximum flow by successive shortest paths with potentials (Edmonds and Karp 1972): Dijkstra over the
 * residual arcs, whose reduced costs never fall below 0, and one augmentation per path. O(F · E log V) for a flow F.
 */
export class FlowNetwork {
  readonly #heads: number[] = [];
  readonly #room: number[] = [];
  readonly #cost: number[] = [];
  readonly #leaving: number[][] = [];

  /** A new node, by its number. */
  node(): number {
    return this.#leaving.push([]) - 1;
  }

  nodes(count: number): number[] {
    return Array.from({ length: count }, () => this.node());
  }

  /** An arc for up to `room` units at `cost` ≥ 0 each. Returns its number, for {@link flowOn}. */
  arc(from: number, to: number, room: number, cost = 0): number {
    const number = this.#heads.push(to, from) - 2;
    this.#room.push(room, 0);
    this.#cost.push(cost, -cost);
    this.#leaving[from]?.push(number);
    this.#leaving[to]?.push(number + 1);
    return number;
  }

  /** Arcs for units that cost ever more, 1, 3, 5, … times `scale`: their sum is scale · x², which a level division keeps least. */
  levelArc(from: number, to: number, room: number, scale: number): number[] {
    return Array.from({ length: room }, (_, unit) => this.arc(from, to, 1, scale * (2 * unit + 1)));
  }

  flowOn(arc: number): number {
    return this.#room[arc + 1] ?? 0;
  }

  /** Sends up to `most` units as cheaply as possible. */
  send(source: number, sink: number, most = Infinity): { flow: number; cost: number } {
    const potential = new Float64Array(this.#leaving.length);
    let flow = 0;
    let cost = 0;
    while (flow < most) {
      const { distance, arcInto } = this.#distances(source, potential);
      if ((distance[sink] ?? Infinity) === Infinity) break;
      for (const [node, reached] of distance.entries())
        if (reached < Infinity) potential[node] = (potential[node] ?? 0) + reached;
      const path = this.#pathTo(sink, source, arcInto);
      const units = Math.min(most - flow, ...path.map((arc) => this.#room[arc] ?? 0));
      for (const arc of path) {
        this.#room[arc] = (this.#room[arc] ?? 0) - units;
        this.#room[arc ^ 1] = (this.#room[arc ^ 1] ?? 0) + units;
        cost += units * (this.#cost[arc] ?? 0);
      }
      flow += units;
    }
    return { flow, cost };
  }

  #pathTo(sink: number, source: number, arcInto: Int32Array): number[] {
    const path: number[] = [];
    for (let node = sink; node !== source; node = this.#heads[(path.at(-1) ?? 0) ^ 1] ?? source)
      path.push(arcInto[node] ?? 0);
    return path;
  }

  #distances(source: number, potential: Float64Array): { distance: Float64Array; arcInto: Int32Array } {
    const distance = new Float64Array(this.#leaving.length).fill(Infinity);
    const arcInto = new Int32Array(this.#leaving.length).fill(-1);
    const done = new Uint8Array(this.#leaving.length);
    const heap = new Heap();
    distance[source] = 0;
    heap.push(0, source);
    for (let node = heap.pop(); node !== undefined; node = heap.pop()) {
      if (done[node] === 1) continue;
      done[node] = 1;
      for (const arc of this.#leaving[node] ?? []) {
        const head = this.#heads[arc] ?? 0;
        if ((this.#room[arc] ?? 0) <= 0 || done[head] === 1) continue;
        const step = (this.#cost[arc] ?? 0) + (potential[node] ?? 0) - (potential[head] ?? 0);
        const reached = (distance[node] ?? Infinity) + step;
        if (reached >= (distance[head] ?? Infinity)) continue;
        distance[head] = reached;
        arcInto[head] = arc;
        heap.push(reached, head);
      }
    }
    return { distance, arcInto };
  }
}

/** Binary heap of nodes, nearest first. */
class Heap {
  readonly #entries: { key: number; node: number }[] = [];

  push(key: number, node: number): void {
    const entries = this.#entries;
    let at = entries.push({ key, node }) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#key(above) <= this.#key(at)) break;
      this.#swap(above, at);
      at = above;
    }
  }

  pop(): number | undefined {
    const entries = this.#entries;
    if (entries.length === 0) return undefined;
    this.#swap(0, entries.length - 1);
    const node = entries.pop()?.node;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const least = this.#key(right) < this.#key(left) ? right : left;
      if (this.#key(least) >= this.#key(at)) return node;
      this.#swap(at, least);
      at = least;
    }
  }

  #key(at: number): number {
    return this.#entries[at]?.key ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#entries[a], this.#entries[b]];
    if (one === undefined || other === undefined) return;
    this.#entries[a] = other;
    this.#entries[b] = one;
  }
}
