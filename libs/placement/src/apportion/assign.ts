/** Replicas of one kind that stand, and the demands that each of them could serve. */
export interface Supply {
  readonly amount: number;
  readonly serves: readonly number[];
}

/**
 * How much of each supply serves each demand, so that as much as possible is served: a maximum flow by augmenting paths.
 * `result[s][d]` ≤ what remains. Deterministic: supplies and demands are tried in the order given.
 */
export function assign(supplies: readonly Supply[], demands: readonly number[]): number[][] {
  const flow = supplies.map(() => demands.map(() => 0));
  const left = [...demands];
  for (const [s, supply] of supplies.entries()) {
    let rest = supply.amount;
    while (rest > 0) {
      const pushed = push(s, rest, new Set());
      if (pushed === 0) break;
      rest -= pushed;
    }
  }
  return flow;

  /** Sends up to `amount` from supply `s` to a demand with room, moving other supplies aside where that helps. */
  function push(s: number, amount: number, seen: Set<number>): number {
    const row = flow[s] ?? [];
    for (const d of supplies[s]?.serves ?? []) {
      if (seen.has(d)) continue;
      seen.add(d);
      const direct = Math.min(amount, left[d] ?? 0);
      if (direct > 0) {
        left[d] = (left[d] ?? 0) - direct;
        row[d] = (row[d] ?? 0) + direct;
        return direct;
      }
      for (const [other, otherRow] of flow.entries()) {
        const held = otherRow[d] ?? 0;
        if (other === s || held === 0) continue;
        const moved = push(other, Math.min(amount, held), seen);
        if (moved === 0) continue;
        otherRow[d] = held - moved;
        row[d] = (row[d] ?? 0) + moved;
        return moved;
      }
    }
    return 0;
  }
}
