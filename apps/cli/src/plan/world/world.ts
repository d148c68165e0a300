import { createHash } from 'node:crypto';
import { keyOf } from '@kasmcloud/kube-api';
import { intentBytes, revisionBytes, toSnapshot, type PlannedObject, type Snapshot } from '@kasmcloud/placement';
import type { InputObjects } from '../input/objects.ts';
import type { Findings } from '../input/problems.ts';
import { planApplication } from '../input/applications.ts';
import { readBounds } from './bounds.ts';
import { Inventory } from './inventory.ts';
import { Listening } from './listening.ts';
import type { Loss } from './lost.ts';
import { readStanding } from './standing.ts';
import { readWishes, type Wish } from './wishes.ts';

/** The input as the planner sees it. */
export interface World {
  readonly snapshot: Snapshot;
  /** Keys of Distributions that are on their way out: in the snapshot they ask for nothing. */
  readonly leaving: ReadonlySet<string>;
  /** Keys of Distributions whose spec wants its replicas elsewhere than when their Placements were decided. */
  readonly changed: ReadonlySet<string>;
}

/**
 * Joins the objects of the input. What does not fit together is told in `findings`; the world is good only without errors.
 *
 * @throws {UserError} for a loss that names nothing of the input.
 */
export function buildWorld(objects: InputObjects, losses: readonly Loss[], findings: Findings): World {
  const inventory = new Inventory(objects, findings);
  const applications = objects.applications.flatMap((document) => planApplication(document, findings) ?? []);
  const wishes = readWishes(objects, applications, findings);
  const listening = new Listening(objects, applications);
  const standing = readStanding(objects, inventory, wishes, findings);
  if (findings.errors.length === 0) for (const loss of losses) inventory.lose(loss);
  const hosts = Map.groupBy(inventory.hosts.values(), ({ cluster }) => cluster);
  // Where nothing runs in containers, no place for them is told of.
  const runsPods = [...wishes.values()].some(({ object }) => object.spec.provider?.container !== undefined);
  const members = [...inventory.clusters].map(([name, { object, reach }]) => ({
    cluster: object,
    reach,
    hosts: hosts.get(name) ?? [],
    actors: standing.actors.get(name) ?? [],
    providers: standing.providers.get(name) ?? [],
    runsPods,
  }));
  const planned = [...wishes].map(([key, wish]): PlannedObject => {
    const { spec } = wish.object;
    const intent = shortHash(intentBytes(spec));
    return {
      object: asked(wish),
      revision: shortHash(revisionBytes(spec)),
      current: standing.current.get(key) ?? [],
      avoid: standing.avoid.get(key) ?? [],
      ports: listening.portsOf(wish.object.metadata.namespace ?? '', spec),
      changed: (standing.intents.get(key) ?? []).some((decided) => decided !== intent),
    };
  });
  return {
    snapshot: toSnapshot({ members, planned, namespaces: readBounds(objects, findings), isOurs: standing.isOurs }),
    changed: new Set(planned.filter(({ changed }) => changed === true).map(({ object }) => keyOf(object))),
    leaving: new Set([...wishes].filter(([, { leaving }]) => leaving).map(([key]) => key)),
  };
}

const asked = ({ object, leaving }: Wish): PlannedObject['object'] =>
  leaving ? { ...object, spec: { ...object.spec, replicas: 0, suspend: false } } : object;

/** As the scheduler writes revisions and intents into Placements, so that they are recognised. */
const shortHash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 12);
