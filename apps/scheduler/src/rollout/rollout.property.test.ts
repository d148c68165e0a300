import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { leavingOf } from './moves.ts';
import { budgetsOf, readPolicy, type Policy } from './policy.ts';
import { stepRollout, type Rollout } from './rollout.ts';
import { pathOf, type Unit } from './unit.ts';

const STEP_MS = 1_000;

/** A host that runs what it is told, unless the revision is bad. */
interface Sim {
  readonly host: string;
  readonly planned: number;
  readonly swapsInPlace: boolean;
  readonly stage: number;
  decided: string;
  /** Revision of the workload, and whether the host has said that it runs. */
  seen: string;
  isReady: boolean;
  readySince: number;
}

const unitOf = (sim: Sim): Unit => ({
  cluster: `c${sim.stage}`,
  host: sim.host,
  planned: sim.planned,
  held: sim.planned,
  revision: sim.decided,
  seen: sim.seen,
  ready: sim.isReady ? sim.planned : 0,
  awaited: 0,
  readySince: sim.isReady ? sim.readySince : undefined,
  reach: 'Reachable',
  swapsInPlace: sim.swapsInPlace,
  stage: sim.stage,
});

const worlds = fc.record({
  hosts: fc.array(
    fc.record({ swapsInPlace: fc.boolean(), stage: fc.nat(2), planned: fc.integer({ min: 1, max: 3 }) }),
    { minLength: 1, maxLength: 14 },
  ),
  rollout: fc.record(
    {
      maxUnavailable: fc.constantFrom<number | string>(0, 1, 2, '25%', '50%', '0%', '100%'),
      maxSurge: fc.constantFrom<number | string>(0, 1, '30%'),
      minReady: fc.constantFrom('0s', '3s'),
      stages: fc.constantFrom([], [{ name: 'one' }, { name: 'two', pause: '5s' }, { name: 'three' }]),
    },
    { requiredKeys: [] },
  ),
  /** Which hosts do something in which step. */
  order: fc.infiniteStream(fc.nat(13)),
});

/** Hosts that were serving before they were told to swap, and are not updated yet. */
class Run {
  readonly sims: Sim[];
  readonly policy: Policy;
  readonly #wasReady = new Set<string>();
  rollout: Rollout | undefined;
  now = 0;

  constructor({ hosts, rollout }: { hosts: Pick<Sim, 'swapsInPlace' | 'stage' | 'planned'>[]; rollout: object }) {
    this.policy = readPolicy({ progressDeadline: '10m', autoRevert: true, ...rollout });
    const stages = this.policy.stages.length;
    this.sims = hosts.map((one, i) => ({
      ...one,
      stage: Math.min(one.stage, stages),
      host: `h${String(i).padStart(2, '0')}`,
      decided: 'old',
      seen: 'old',
      isReady: true,
      readySince: 0,
    }));
  }

  step(): void {
    this.now += STEP_MS;
    const step = stepRollout({
      units: this.sims.map(unitOf),
      policy: this.policy,
      target: 'new',
      good: 'old',
      approved: new Set(),
      before: this.rollout,
      now: this.now,
    });
    this.rollout = step.rollout;
    for (const sim of this.sims) {
      const revision = step.revisions.get(pathOf(unitOf(sim))) ?? sim.decided;
      if (revision !== sim.decided && sim.isReady) this.#wasReady.add(sim.host);
      sim.decided = revision;
    }
  }

  /** One host does what it was told. */
  act(index: number, isBad: boolean): void {
    const sim = this.sims[index % this.sims.length];
    if (sim === undefined) return;
    if (sim.seen !== sim.decided) {
      sim.seen = sim.decided;
      sim.isReady = false;
    } else if (!sim.isReady && !(isBad && sim.seen === 'new')) {
      sim.isReady = true;
      sim.readySince = this.now;
      this.#wasReady.delete(sim.host);
    }
  }

  /** Units that our swaps made unavailable, those not counted that hold old and new at once. */
  unavailable(): number {
    const under = this.sims.filter((sim) => this.#wasReady.has(sim.host));
    const inPlace = under.filter((sim) => sim.swapsInPlace).length;
    return under.length - inPlace + Math.max(0, inPlace - this.budgets.surge);
  }

  get budgets(): { unavailable: number; surge: number } {
    return budgetsOf(this.policy, this.sims.length);
  }
}

test('a rollout never makes more units unavailable than it may, and comes to its end', () => {
  fc.assert(
    fc.property(worlds, ({ order, ...world }) => {
      const run = new Run(world);
      const { unavailable } = run.budgets;
      // A host that stops before it starts is unavailable for a while, whatever the budget.
      const most = world.hosts.some((one) => !one.swapsInPlace) ? Math.max(1, unavailable) : unavailable;
      let rounds = 0;
      for (const index of order) {
        run.step();
        expect(run.unavailable()).toBeLessThanOrEqual(most);
        run.act(index, false);
        if (run.rollout?.phase === 'Complete' || (rounds += 1) > 3_000) break;
      }
      expect(run.rollout?.phase).toBe('Complete');
      expect(run.sims.every((sim) => sim.seen === 'new' && sim.isReady)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('a bad revision stays within the budget, in its stage, and goes back by itself', () => {
  fc.assert(
    fc.property(worlds, ({ order, ...world }) => {
      const run = new Run(world);
      const { unavailable, surge } = run.budgets;
      const first = Math.min(...run.sims.map(({ stage }) => stage));
      let rounds = 0;
      for (const index of order) {
        run.step();
        const bad = run.sims.filter(({ decided }) => decided === 'new');
        const isGoing = run.rollout?.phase !== 'Reverted';
        expect(isGoing ? bad.length : 0).toBeLessThanOrEqual(Math.max(1, unavailable) + surge);
        expect(bad.filter(({ stage }) => isGoing && stage !== first)).toEqual([]);
        run.act(index, true);
        if (run.sims.every(({ seen, isReady }) => seen === 'old' && isReady) && run.rollout?.phase === 'Reverted')
          break;
        if ((rounds += 1) > 5_000) break;
      }
      expect(run.rollout?.phase).toBe('Reverted');
      expect(run.sims.every(({ seen, isReady }) => seen === 'old' && isReady)).toBe(true);
    }),
    { numRuns: 80 },
  );
});

const anyUnit: fc.Arbitrary<Unit> = fc.record({
  cluster: fc.constantFrom('eu', 'us'),
  host: fc.string({ minLength: 1, maxLength: 3 }),
  planned: fc.nat(4),
  held: fc.nat(4),
  revision: fc.constant('r'),
  seen: fc.constant('r'),
  ready: fc.nat(4),
  awaited: fc.constant(0),
  readySince: fc.constant(0),
  reach: fc.constantFrom<Unit['reach']>('Reachable', 'Reachable', 'Frozen', 'Away', 'Lost'),
  swapsInPlace: fc.boolean(),
  stage: fc.constant(0),
});

test('a move takes away nothing that serves before its replacement does, and keeps nothing that is not needed', () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyUnit, { selector: pathOf, maxLength: 8 }), (units) => {
      const leaving = leavingOf(units);
      const there = units.filter(({ reach }) => reach === 'Reachable' || reach === 'Frozen');
      const keptOf = (some: readonly Unit[]): number =>
        some.reduce((sum, unit) => sum + (leaving.get(pathOf(unit)) ?? 0), 0);
      const kept = keptOf(there);
      const serving = there.reduce((sum, { planned, ready }) => sum + Math.min(planned, ready), 0);
      const wanted = there.reduce((sum, { planned }) => sum + planned, 0);
      const before = there.reduce((sum, { held, ready }) => sum + Math.min(held, ready), 0);
      expect(serving + kept).toBeGreaterThanOrEqual(Math.min(wanted, before));
      expect(kept === 0 ? 0 : serving + kept).toBeLessThanOrEqual(wanted);
      expect(keptOf(units.filter(({ reach }) => reach === 'Lost'))).toBe(0);
      // What may come back with a lost cluster goes once nothing else is missing, and not before.
      const away = units.filter(({ reach }) => reach === 'Away');
      const mayServe = away.reduce((sum, { held, planned }) => sum + Math.max(0, held - planned), 0);
      expect(keptOf(away)).toBe(serving + kept < wanted ? mayServe : 0);
      for (const unit of units)
        expect((leaving.get(pathOf(unit)) ?? 0) + unit.planned).toBeLessThanOrEqual(Math.max(unit.held, unit.planned));
    }),
    { numRuns: 500 },
  );
});
