import { labels } from '@kasmcloud/kube-api';
import { place, type Host } from '../../index.ts';
import { compare, type Dice, type Tally } from '../effort.fixture.ts';
import { wadmShares } from '../oracle/closed-forms.fixture.ts';
import { FlowNetwork } from '../oracle/max-flow.fixture.ts';
import { countsOf, hostOf, pathOf, placeOne, planOf, roomOf, sum, wish, worldOf } from '../world.fixture.ts';

/** Up to 200 hosts that differ in one resource: what fits is a maximum flow, and what is most level a cheapest one. */

function randomHosts(dice: Dice, most: number): { host: Host; room: number; zone: string }[] {
  const zones = dice.between(1, 12);
  return Array.from({ length: dice.between(1, most) }, (_, i) => {
    const room = dice.between(0, 5);
    const zone = `z${dice.between(1, zones)}`;
    return { host: roomOf(`eu/h${i}`, room, zone), room, zone };
  });
}

/**
 * Zones are bounded by `max`, hosts by their room and `maxPerHost`. Zones are as level as can be, and so are the hosts
 * within what each zone got.
 */
export const levelFlow = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const hosts = randomHosts(dice, 200);
    const replicas = dice.between(0, 2 * hosts.length);
    const maxPerHost = dice.between(1, 5);
    const max = dice.between(1, Math.max(1, replicas));
    const spec = { replicas, maxPerHost, spread: [{ topologyKey: labels.zone, max }] };
    const plan = placeOne(
      hosts.map(({ host }) => host),
      { spec },
    );
    const counts = countsOf(plan);
    const inZone = new Map<string, number>();
    for (const { host, zone } of hosts) inZone.set(zone, (inZone.get(zone) ?? 0) + (counts[pathOf(host)] ?? 0));

    /** Sends replicas through zones to hosts, each unit at the price that keeps zones, or hosts, level. */
    const send = (prices: { zone: number; host: number }, most: (zone: string) => number): Sent => {
      const network = new FlowNetwork();
      const [source, sink] = [network.node(), network.node()];
      const zones = new Map<string, number>();
      for (const { room, zone } of hosts) {
        const node = zones.get(zone) ?? network.node();
        if (!zones.has(zone)) network.levelArc(source, node, most(zone), prices.zone);
        zones.set(zone, node);
        network.levelArc(node, sink, Math.min(room, maxPerHost), prices.host);
      }
      return network.send(source, sink, replicas);
    };
    const zones = send({ zone: 1, host: 0 }, () => Math.min(max, replicas));
    const within = send({ zone: 0, host: 1 }, (zone) => inZone.get(zone) ?? 0);
    const squares = (all: Iterable<number>): number => sum([...all].map((count) => count * count));
    const ours = { zones: squares(inZone.values()), hosts: squares(Object.values(counts)) };
    const agrees = plan.placed === zones.flow && ours.zones === zones.cost && ours.hosts === within.cost;
    return agrees ? undefined : { hosts: hosts.length, spec, placed: plan.placed, ours, zones, within };
  });

type Sent = ReturnType<FlowNetwork['send']>;

/** Groups that overlap, against the flow from groups to hosts. How much of it is placed is measured. */
export function overlappingGroups(instances: number, seed: number): Tally {
  let placed = 0;
  let possible = 0;
  const tally = compare(instances, seed, (dice) => {
    const hosts = Array.from({ length: dice.between(1, 60) }, (_, i) => ({
      path: `eu/h${i}`,
      room: dice.between(0, 3),
      labels: { a: String(dice.between(0, 1)), b: String(dice.between(0, 1)), c: String(dice.between(0, 2)) },
    }));
    const groups = Array.from({ length: dice.between(2, 4) }, (_, i) => ({
      name: `g${i}`,
      weight: dice.between(1, 100),
      requirements: { [dice.pick(['a', 'b', 'c'])]: String(dice.between(0, 1)) },
    }));
    const replicas = dice.between(0, 2 * hosts.length);
    const plan = placeOne(
      hosts.map(({ path, room, labels: own }) => hostOf(path, { allocatable: { instances: room }, labels: own })),
      { spec: { replicas, groups } },
    );

    const shares = wadmShares(
      replicas,
      groups.map(({ weight }) => weight),
    );
    const network = new FlowNetwork();
    const [source, sink] = [network.node(), network.node()];
    const nodes = network.nodes(hosts.length);
    for (const [i, { room }] of hosts.entries()) network.arc(nodes[i] ?? 0, sink, room);
    for (const [g, { requirements }] of groups.entries()) {
      const node = network.node();
      network.arc(source, node, shares[g] ?? 0);
      for (const [i, { labels: own }] of hosts.entries())
        if (
          Object.entries(requirements).every(([key, value]) =>
            Object.entries(own).some(([k, v]) => k === key && v === value),
          )
        )
          network.arc(node, nodes[i] ?? 0, replicas);
    }
    const { flow } = network.send(source, sink);
    placed += plan.placed;
    possible += flow;
    return plan.placed <= flow ? undefined : { hosts, groups, replicas, placed: plan.placed, flow };
  });
  return { ...tally, note: shareOf(placed, possible) };
}

/** Many distributions that may use the same hosts: together they place what fits, and by falling priority. */
export const sharedHosts = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const hosts = randomHosts(dice, 200);
    const wishes = Array.from({ length: dice.between(1, 12) }, (_, i) =>
      wish({ name: `app${i}`, spec: { replicas: dice.between(0, 60), priority: dice.between(0, 2) } }),
    );
    const plan = place(
      worldOf(
        hosts.map(({ host }) => host),
        wishes,
      ),
    );
    const placedOf = (least: number): number =>
      sum(wishes.map(({ key, priority }) => (priority >= least ? planOf(plan, key).placed : 0)));
    for (const least of [2, 1, 0]) {
      const network = new FlowNetwork();
      const [source, sink, pool] = [network.node(), network.node(), network.node()];
      for (const { replicas, priority } of wishes) if (priority >= least) network.arc(source, pool, replicas);
      for (const { room } of hosts) network.arc(pool, sink, room);
      const { flow } = network.send(source, sink);
      if (placedOf(least) !== flow) return { least, flow, placed: placedOf(least) };
    }
    return undefined;
  });

/**
 * Many distributions that may use different, overlapping hosts. To place the most is a flow over all of them at once;
 * the engine decides one distribution after the other. Nothing is claimed but what is measured, and that it never
 * places more than fits.
 */
export function overlappingHosts(instances: number, seed: number): Tally {
  let placed = 0;
  let possible = 0;
  const tally = compare(instances, seed, (dice) => {
    const hosts = Array.from({ length: dice.between(2, 60) }, (_, i) => {
      const kind = String(dice.between(0, 3));
      return { kind, host: hostOf(`eu/h${i}`, { labels: { kind }, allocatable: { instances: dice.between(0, 3) } }) };
    });
    const wants = Array.from({ length: dice.between(2, 6) }, () => ({
      replicas: dice.between(0, hosts.length),
      kinds: ['0', '1', '2', '3'].filter(() => dice.roll() < 0.5),
    }));
    const wishes = wants.map(({ replicas, kinds }, i) => {
      const matchExpressions = [{ key: 'kind', operator: 'In' as const, values: kinds }];
      return wish({ name: `app${i}`, spec: { replicas, hosts: { required: [{ matchExpressions }] } } });
    });
    const plan = place(
      worldOf(
        hosts.map(({ host }) => host),
        wishes,
      ),
    );
    const network = new FlowNetwork();
    const [source, sink] = [network.node(), network.node()];
    const nodes = hosts.map(({ host }) => {
      const node = network.node();
      network.arc(node, sink, host.allocatable['instances'] ?? 0);
      return node;
    });
    for (const { replicas, kinds } of wants) {
      const node = network.node();
      network.arc(source, node, replicas);
      for (const [i, { kind }] of hosts.entries()) if (kinds.includes(kind)) network.arc(node, nodes[i] ?? 0, replicas);
    }
    const { flow } = network.send(source, sink);
    const got = sum(plan.distributions.map((one) => one.placed));
    placed += got;
    possible += flow;
    return got <= flow ? undefined : { got, flow };
  });
  return { ...tally, note: shareOf(placed, possible) };
}

const shareOf = (placed: number, possible: number): string =>
  `${((100 * placed) / Math.max(1, possible)).toFixed(2)} % of the flow placed`;
