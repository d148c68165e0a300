/** One entry for each replica that moves, in order of host. */
export function planMoves(
  held: ReadonlyMap<number, number>,
  target: ReadonlyMap<number, number>,
): { from: number; to: number }[] {
  const by = (sign: number): number[] =>
    [...new Set([...held.keys(), ...target.keys()])]
      .toSorted((a, b) => a - b)
      .flatMap((position) => {
        const surplus = sign * ((held.get(position) ?? 0) - (target.get(position) ?? 0));
        return Array.from({ length: Math.max(0, surplus) }, () => position);
      });
  const to = by(-1);
  return by(1).flatMap((from, i) => {
    const goal = to[i];
    return goal === undefined ? [] : [{ from, to: goal }];
  });
}
