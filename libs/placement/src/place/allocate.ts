import { Division } from './division.ts';
import type { FigureShelf } from './figures.ts';
import type { Holding } from './holding.ts';
import type { Without } from './bounds.ts';
import type { Exceptions, Rooms } from './rooms.ts';
import type { Tree } from './tree.ts';

/** What to divide over a tree. */
export interface Request {
  readonly tree: Tree;
  /** Replicas wanted. */
  readonly total: number;
  /** Hash of the distribution's key: ties break by it and the domain. */
  readonly seed: number;
  /** What stands and stays. */
  readonly held: Holding;
  /** How many more a host could take that has none of this distribution. */
  readonly rooms: Rooms;
  /** How many more the other hosts could take. */
  readonly exceptions: Exceptions;
  /** By number of the host, how busy it is: among equals the idlest host is taken. */
  readonly loads: Int32Array;
  /** By number of the host: number of its cluster. */
  readonly clusters: Int32Array;
  /** How much the neighbours make a host preferred, by its number. */
  readonly scoreOf?: ((host: number) => number) | undefined;
  /** Where replicas are now that may be moved: among equals, a place that has one is taken. */
  readonly liked?: Holding | undefined;
  /** Constraints taken as absent, to find out what stands in the way. */
  readonly without?: Without | undefined;
  readonly shelf: FigureShelf;
}

/**
 * Divides replicas down the tree. More than held: nothing that stands is touched and the rest is added where it is most due.
 * Less than held: only taken away, where there is most too much. So a repair moves nothing and a change of scale moves nothing.
 * Resource allocation under nested bounds (Federgruen and Groenevelt 1986), a family at a time:
 * O(nodes + children of the nodes that get something + hosts of the leaves that do), independent of the number of replicas.
 */
export function allocate(request: Request): Holding {
  const division = new Division(request);
  division.give(0, request.total);
  return division.result();
}
