import { labels as names } from '@kasmcloud/kube-api';
import {
  parseQuantity,
  readAmounts,
  type Cluster,
  type Distribution,
  type Host,
  type Snapshot,
  type Taint,
} from '../../index.ts';
import { clusterOf, clustersOf, hostOf, standing, wish, type Wish } from '../world.fixture.ts';
import type { Asked, Case } from './case.ts';

/** Reads the lines of a case into what the engine takes. */

const topology: Readonly<Record<string, string>> = { zone: names.zone, region: names.region };
const resources = new Set(['instances', 'cpu', 'memory', 'gpu.example.com']);
const states = { Suspect: true, Lost: true, Unknown: true } as const;
const reaches = { Unreachable: true, Lost: true } as const;

const isState = (word: string): word is keyof typeof states => Object.hasOwn(states, word);
const isReach = (word: string): word is keyof typeof reaches => Object.hasOwn(reaches, word);
const isEffect = (word: string): word is Taint['effect'] =>
  ['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(word);

/** `!key=value:Effect:60s` */
function taintOf(word: string): Taint {
  const [name = '', effect = '', age] = word.slice(1).split(':');
  if (!isEffect(effect)) throw new Error(`${word}: ${effect} is no effect of a taint`);
  const [key = '', value] = name.split('=');
  return {
    key,
    effect,
    ...(value !== undefined && { value }),
    ...(age !== undefined && { ageSeconds: parseInt(age) }),
  };
}

function readHost(line: string): Host {
  const [path = '', ...words] = line.split(' ');
  const labels: Record<string, string> = {};
  const allocatable: Record<string, number> = {};
  const taints: Taint[] = [];
  const interfaces: string[] = [];
  let rest: Partial<Host> = {};
  for (const word of words) {
    const [key = '', value = ''] = word.split('=');
    if (word.startsWith('!')) taints.push(taintOf(word));
    else if (word.startsWith('wit:')) interfaces.push(word.slice('wit:'.length));
    else if (isState(word)) rest = { ...rest, state: word };
    else if (word === 'cordoned') rest = { ...rest, unschedulable: true };
    else if (key === 'lattices') rest = { ...rest, lattices: value.split(',').filter(Boolean) };
    else if (key === 'instances') allocatable[key] = Number(value);
    else if (resources.has(key)) allocatable[key] = parseQuantity(value);
    else Object.assign(labels, labelled(key, value));
  }
  return hostOf(path, { ...rest, labels, allocatable, taints, interfaces });
}

/** The short name beside the full one, as hosts have both. */
const labelled = (key: string, value: string): Record<string, string> => ({
  [key]: value,
  ...(topology[key] !== undefined && { [topology[key]]: value }),
});

function readCluster(line: string): Cluster {
  const [name = '', ...words] = line.split(' ');
  const labels: Record<string, string> = {};
  const taints: Taint[] = [];
  let rest: Partial<Cluster> = {};
  for (const word of words) {
    const [key = '', value = ''] = word.split('=');
    if (word.startsWith('!')) taints.push(taintOf(word));
    else if (isReach(word)) rest = { ...rest, reach: word };
    else if (word === 'cordoned') rest = { ...rest, unschedulable: true };
    else Object.assign(labels, labelled(key, value));
  }
  return clusterOf(name, { ...rest, labels, taints });
}

function readAsked(name: string, asked: Asked): Distribution {
  const { provider, namespace, labels, ports, current, returned, changed, moveBudget, failedOn, ...spec } = asked;
  const one: Wish = {
    spec,
    name,
    current: [
      ...standing(current ?? {}),
      ...standing(returned ?? {}).map((one) => ({ ...one, replicas: 0, returned: one.replicas })),
    ],
    avoid: (failedOn ?? []).map((path) => {
      const [cluster = '', host] = path.split('/');
      return { revision: 'r1', cluster, ...(host !== undefined && { host }) };
    }),
    ...(provider === true && { provider }),
    ...(namespace !== undefined && { namespace }),
    ...(labels !== undefined && { labels }),
    ...(ports !== undefined && { ports }),
    ...(changed === true && { changed }),
    ...(moveBudget !== undefined && { moveBudget }),
  };
  return wish(one);
}

export const distributionsOf = (one: Case): Readonly<Record<string, Asked>> =>
  'distribution' in one ? { app: one.distribution } : one.distributions;

/** Hosts have the labels of their cluster, as the API objects give them. */
export function snapshotOf(one: Case): Snapshot {
  const lines = (one.clusters ?? []).map(readCluster);
  const bare = one.hosts.map(readHost);
  const clusters = clustersOf(bare, lines);
  const hosts = bare.map((host) => ({
    ...host,
    labels: { ...clusters.find(({ name }) => name === host.cluster)?.labels, ...host.labels },
  }));
  const distributions = Object.entries(distributionsOf(one)).map(([name, asked]) => readAsked(name, asked));
  const namespaces = Object.entries(one.namespaces ?? {}).map(([name, { maxPriority, quota }]) => ({
    name,
    ...(maxPriority !== undefined && { maxPriority }),
    ...(quota !== undefined && { quota: readAmounts(quota) }),
  }));
  return { clusters, hosts, distributions, namespaces };
}
