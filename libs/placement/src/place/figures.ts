import { childBounds } from './bounds.ts';
import type { Request } from './allocate.ts';
import type { Node } from './tree.ts';

/** Sums of one allocation, by number of the node. */
export interface Figures {
  readonly holding: Float64Array;
  /** Most that the node can hold under the constraints below it, counting what it holds. */
  readonly capacity: Float64Array;
  /** Least that the node can hold: what is frozen. */
  readonly floor: Float64Array;
}

/** Sums what is held and what fits, from the leaves up. */
export function measure(request: Request): Figures {
  const { tree, rooms, exceptions, held, seed, without } = request;
  const figures: Figures = {
    holding: new Float64Array(tree.size),
    capacity: rooms.inLeaf.slice(),
    floor: new Float64Array(tree.size),
  };
  const add = (sums: Float64Array, position: number, count: number): void => {
    const leaf = tree.leaves[position] ?? 0;
    sums[leaf] = (sums[leaf] ?? 0) + count;
  };
  for (const [position, count] of held) {
    add(figures.holding, position, count);
    add(figures.capacity, position, count);
    if (tree.frozen[position] === true) add(figures.floor, position, count);
  }
  for (const [position, room] of exceptions) add(figures.capacity, position, room - (rooms.at[position] ?? 0));
  sumUp(tree.root);
  return figures;

  function sumUp(node: Node): void {
    if (node.kind === 'Leaf') return;
    let holding = 0;
    let floor = 0;
    for (const child of node.children) {
      sumUp(child);
      holding += figures.holding[child.id] ?? 0;
      floor += figures.floor[child.id] ?? 0;
    }
    figures.holding[node.id] = holding;
    figures.floor[node.id] = floor;
    let capacity = 0;
    for (const bound of childBounds(node, figures, undefined, seed, without)) capacity += bound;
    figures.capacity[node.id] = capacity;
  }
}
