import type { Tally } from './effort.fixture.ts';
import * as bruteForce from './against/brute-force.fixture.ts';
import * as closedForms from './against/closed-forms.fixture.ts';
import * as maxFlow from './against/max-flow.fixture.ts';

/** Every comparison with an oracle: how many instances `npm test` tries, and how many the full proof. */
export const proofs: {
  title: string;
  prove: (instances: number, seed: number) => Tally;
  quick: number;
  full: number;
}[] = [
  { title: 'brute force, hard skew', prove: bruteForce.hardSkew, quick: 1500, full: 40_000 },
  { title: 'brute force, weights', prove: bruteForce.weights, quick: 1500, full: 40_000 },
  { title: 'brute force, nested spread', prove: bruteForce.nested, quick: 1500, full: 40_000 },
  { title: 'brute force, repair', prove: bruteForce.repair, quick: 1500, full: 40_000 },
  { title: 'brute force, change of scale', prove: bruteForce.scale, quick: 1500, full: 40_000 },
  { title: 'brute force, changed spec', prove: bruteForce.converge, quick: 1500, full: 40_000 },
  { title: 'brute force, packing', prove: bruteForce.packing, quick: 1500, full: 40_000 },
  { title: 'brute force, sharing', prove: bruteForce.sharing, quick: 800, full: 20_000 },
  { title: 'max-flow, levels and bounds', prove: maxFlow.levelFlow, quick: 40, full: 2000 },
  { title: 'max-flow, overlapping groups', prove: maxFlow.overlappingGroups, quick: 150, full: 5000 },
  { title: 'max-flow, shared hosts', prove: maxFlow.sharedHosts, quick: 40, full: 2000 },
  { title: 'max-flow, overlapping hosts', prove: maxFlow.overlappingHosts, quick: 100, full: 2000 },
  { title: 'closed form, capacity under skew', prove: closedForms.capacityUnderSkew, quick: 500, full: 20_000 },
  { title: 'closed form, fewest moves', prove: closedForms.movesUnderSkew, quick: 500, full: 20_000 },
  { title: "closed form, wadm's arithmetic", prove: closedForms.wadmArithmetic, quick: 500, full: 20_000 },
  { title: 'greedy, never better', prove: closedForms.greedyIsNoBetter, quick: 1000, full: 40_000 },
  { title: 'Webster, growth steps', prove: closedForms.houseMonotonicity, quick: 10_000, full: 200_000 },
];
