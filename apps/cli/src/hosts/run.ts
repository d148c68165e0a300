import { setTimeout as sleep } from 'node:timers/promises';
import {
  HollowHosts,
  KubeClient,
  KubeconfigError,
  loadKubeconfig,
  seededAnswers,
  type KubeTarget,
} from '@kasmcloud/kube';
import { systemClock } from '@kasmcloud/reconcile';
import { aborted } from '../stop-signal.ts';
import { UserError } from '../user-error.ts';
import type { HollowCluster, HollowOptions } from './options.ts';

const LOOK_EVERY_MS = 200;
/** What goes wrong is tried again: one line in so long is enough. */
const COMPLAIN_EVERY_MS = 5_000;

interface Fleet {
  readonly client: KubeClient;
  readonly hosts: HollowHosts;
}

/** Keeps hollow hosts in every cluster until `stop` aborts. What they registered stays, as when a machine loses its power. */
export async function runHollowHosts(
  options: HollowOptions,
  stop: AbortSignal,
  tell: (line: string) => void,
): Promise<void> {
  const fleets = options.clusters.map((cluster) => startFleet(cluster, options, tell));
  try {
    await Promise.all(
      fleets.map(async ({ client, hosts }) => {
        while (hosts.alive < options.hosts && !stop.aborted) await sleep(LOOK_EVERY_MS);
        if (!stop.aborted) tell(`${client.server}: ${options.hosts} hollow hosts are there`);
      }),
    );
    await aborted(stop);
  } finally {
    await Promise.all(fleets.map(({ hosts }) => hosts.close()));
    await Promise.all(fleets.map(({ client }) => client.close()));
  }
}

function startFleet({ prefix, ...source }: HollowCluster, options: HollowOptions, tell: (line: string) => void): Fleet {
  const client = new KubeClient(target(source), { userAgent: 'kasm-hollow-hosts' });
  let complainedAt = -Infinity;
  const hosts = new HollowHosts({
    ...options,
    client,
    clock: systemClock,
    random: Math.random,
    startedAt: new Date().toISOString(),
    answers: seededAnswers(options),
    onError: (error) => {
      if (performance.now() - complainedAt < COMPLAIN_EVERY_MS) return;
      complainedAt = performance.now();
      tell(`${client.server}: ${error instanceof Error ? error.message : String(error)}; tried again`);
    },
  });
  for (let number = 1; number <= options.hosts; number++) hosts.add(`${prefix}-${number}`);
  return { client, hosts };
}

function target(source: Omit<HollowCluster, 'prefix'>): KubeTarget {
  try {
    return loadKubeconfig(source);
  } catch (error) {
    if (error instanceof KubeconfigError) throw new UserError(error.message);
    throw error;
  }
}
