import { differences, type Holding } from './holding.ts';

/** One entry for each replica that moves, in order of host. */
export function planMoves(held: Holding, target: Holding): { from: number; to: number }[] {
  const from: number[] = [];
  const to: number[] = [];
  differences(held, target, (host, change) => {
    const list = change < 0 ? from : to;
    for (let i = Math.abs(change); i > 0; i--) list.push(host);
  });
  return from.slice(0, to.length).map((source, i) => ({ from: source, to: to[i] ?? -1 }));
}
