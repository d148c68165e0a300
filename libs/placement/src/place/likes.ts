import type { Request } from './allocate.ts';

/** How much a rank is lowered where the seat is taken now: it outweighs every load. */
export const LIKED = 32;

/** By position and by node: {@link LIKED} if the seat is taken now, else 0. */
export interface Likes {
  at(position: number, seat: number): number;
  in(node: number, seat: number): number;
}

export function likesOf({ tree, liked }: Pick<Request, 'tree' | 'liked'>): Likes | undefined {
  if (liked === undefined) return undefined;
  const { positions, indices, leaves, parents } = tree;
  const sums = new Float64Array(tree.size);
  for (const [host, count] of liked)
    for (let node = leaves[positions[host] ?? -1] ?? -1; node >= 0; node = parents[node] ?? -1)
      sums[node] = (sums[node] ?? 0) + count;
  return {
    at: (position, seat) => (liked.get(indices[position] ?? -1) >= seat ? LIKED : 0),
    in: (node, seat) => ((sums[node] ?? 0) >= seat ? LIKED : 0),
  };
}
