import { labels } from '@kasmcloud/kube-api';
import type { Case } from './case.ts';

/** What is KasmCloud's own, beside what it decides where its peers are vague. */

const { cluster, region, zone, hostname } = labels;
const hard = { topologyKey: zone, whenUnsatisfiable: 'Block' as const };
const ssd = { key: 'disk', operator: 'In' as const, values: ['ssd'] };

export const kasmcloud: readonly Case[] = [
  {
    promise: 'without any entry, replicas are level over clusters, then hosts',
    hosts: ['eu/a', 'eu/b', 'eu/c', 'us/d'],
    distribution: { replicas: 6 },
    want: { cluster: { eu: 3, us: 3 }, host: [3, 1, 1, 1] },
  },
  {
    promise: 'one replica unless it says otherwise',
    hosts: ['eu/a', 'eu/b'],
    distribution: {},
    want: { placed: 1 },
  },
  {
    promise: 'no replicas are a wish, too: what runs is stopped',
    hosts: ['eu/a'],
    distribution: { replicas: 0, current: { 'eu/a': 3 } },
    want: { host: {}, moves: 0 },
  },
  {
    promise: 'a host offers 10,000 instances unless it says otherwise',
    hosts: ['eu/a'],
    distribution: { replicas: 10_001 },
    want: { host: { 'eu/a': 10_000 }, unplaced: { InsufficientRoom: 1 } },
  },
  {
    promise: 'a provider has at most one replica on a host',
    hosts: ['eu/a', 'eu/b'],
    distribution: { provider: true, replicas: 3 },
    want: { host: { 'eu/a': 1, 'eu/b': 1 }, unplaced: { MaxPerHost: 1 } },
  },
  {
    promise: 'a second entry holds inside each domain of the first',
    hosts: ['eu/a zone=z1 rack=r1', 'eu/b zone=z1 rack=r2', 'eu/c zone=z2 rack=r1', 'eu/d zone=z2 rack=r2'],
    distribution: { replicas: 8, spread: [{ topologyKey: zone }, { topologyKey: 'rack' }] },
    want: { host: { 'eu/a': 2, 'eu/b': 2, 'eu/c': 2, 'eu/d': 2 } },
  },
  {
    promise: 'three entries deep: region, zone, host',
    hosts: ['eu/a region=e zone=z1', 'eu/b region=e zone=z1', 'eu/c region=e zone=z2', 'us/d region=u zone=z3'],
    distribution: {
      replicas: 8,
      spread: [{ topologyKey: region }, { topologyKey: zone }, { topologyKey: hostname }],
    },
    want: { host: { 'eu/a': 1, 'eu/b': 1, 'eu/c': 2, 'us/d': 4 } },
  },
  {
    promise: 'two clusters may share a zone: the zone is one domain',
    hosts: ['eu1/a zone=z1', 'eu2/a zone=z1', 'eu2/b zone=z2'],
    distribution: { replicas: 4, spread: [hard] },
    want: { zone: { z1: 2, z2: 2 }, host: { 'eu1/a': 1, 'eu2/a': 1, 'eu2/b': 2 } },
  },
  {
    promise: 'a cluster may span regions: host labels decide',
    clusters: ['eu region=europe'],
    hosts: ['eu/a', 'us/b region=europe', 'us/c region=america'],
    distribution: { replicas: 4, spread: [{ topologyKey: region }] },
    want: { region: { europe: 2, america: 2 } },
  },
  {
    promise: 'two clusters may have hosts of one name: they are two hosts',
    hosts: ['eu/a', 'us/a'],
    distribution: { replicas: 4, spread: [{ topologyKey: hostname, whenUnsatisfiable: 'Block' }] },
    want: { host: { 'eu/a': 2, 'us/a': 2 } },
  },
  {
    promise: 'weights of which all are 0 are an error',
    hosts: ['eu/a'],
    distribution: { replicas: 2, spread: [{ topologyKey: cluster, weights: [{ value: 'eu', weight: 0 }] }] },
    want: { unplaced: { InvalidSpec: 2 } },
  },
  {
    promise: 'maxSkew together with weights is an error',
    hosts: ['eu/a'],
    distribution: {
      replicas: 2,
      spread: [{ topologyKey: cluster, maxSkew: 1, weights: [{ value: 'eu', weight: 1 }] }],
    },
    want: { unplaced: { InvalidSpec: 2 } },
  },
  {
    promise: 'an invalid spec stops nothing that runs',
    hosts: ['eu/a'],
    distribution: { replicas: 2, current: { 'eu/a': 1 }, spread: [{ topologyKey: zone, min: 3, max: 2 }] },
    want: { host: { 'eu/a': 1 }, unplaced: { InvalidSpec: 1 }, moves: 0 },
  },
  {
    promise: 'a WIT interface without a version is offered by any version of it',
    hosts: ['eu/a', 'eu/b wit:wasi:keyvalue/store@0.2.0-draft'],
    distribution: { replicas: 2, hosts: { interfaces: ['wasi:keyvalue/store'] } },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'a WIT interface with a version is offered by that version only',
    hosts: ['eu/a wit:wasi:keyvalue/store@0.2.0', 'eu/b wit:wasi:keyvalue/store@0.2.1'],
    distribution: { replicas: 2, hosts: { interfaces: ['wasi:keyvalue/store@0.2.1'] } },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'every interface that is asked for must be there',
    hosts: ['eu/a wit:wasi:http/handler@0.2.1', 'eu/b wit:wasi:http/handler@0.2.1 wit:wasi:blobstore/container@0.2.0'],
    distribution: { replicas: 2, hosts: { interfaces: ['wasi:http/handler', 'wasi:blobstore/container'] } },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'a host that serves no lattice takes nothing',
    hosts: ['eu/a lattices=', 'eu/b lattices=default'],
    distribution: { replicas: 2 },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'maxPerHost bounds every host',
    hosts: ['eu/a', 'eu/b'],
    distribution: { replicas: 5, maxPerHost: 2 },
    want: { host: { 'eu/a': 2, 'eu/b': 2 }, unplaced: { MaxPerHost: 1 } },
  },
  {
    promise: 'a lowered maxPerHost moves the surplus',
    hosts: ['eu/a', 'eu/b'],
    distribution: { replicas: 4, maxPerHost: 2, current: { 'eu/a': 4 } },
    want: { host: { 'eu/a': 2, 'eu/b': 2 }, moves: 2 },
  },
  {
    promise: 'packing: the largest hosts first, and for the rest the tightest that holds it',
    hosts: ['eu/a instances=10', 'eu/b instances=4', 'eu/c instances=3'],
    distribution: { replicas: 13, mode: 'Pack' },
    want: { host: { 'eu/a': 10, 'eu/c': 3 } },
  },
  {
    promise: 'packing: the tightest host alone, if it holds all',
    hosts: ['eu/a instances=10', 'eu/b instances=4', 'eu/c instances=3'],
    distribution: { replicas: 4, mode: 'Pack' },
    want: { host: { 'eu/b': 4 } },
  },
  {
    promise: 'packing: of the hosts in use the fullest is filled first',
    hosts: ['eu/a instances=5', 'eu/b instances=5', 'eu/c instances=9'],
    distribution: { replicas: 6, mode: 'Pack', current: { 'eu/a': 1, 'eu/b': 3 } },
    want: { host: { 'eu/a': 1, 'eu/b': 5 } },
  },
  {
    promise: 'packing: scaling down empties the emptiest host first',
    hosts: ['eu/a', 'eu/b', 'eu/c'],
    distribution: { replicas: 5, mode: 'Pack', current: { 'eu/a': 4, 'eu/b': 1, 'eu/c': 2 } },
    want: { host: { 'eu/a': 4, 'eu/c': 1 }, moves: 0 },
  },
  {
    promise: 'packing: scaling down leaves what is frozen',
    hosts: ['eu/a Unknown', 'eu/b'],
    distribution: { replicas: 3, mode: 'Pack', current: { 'eu/a': 1, 'eu/b': 4 } },
    want: { host: { 'eu/a': 1, 'eu/b': 2 }, moves: 0 },
  },
  {
    promise: 'tiers: scaling down leaves what is frozen in a later tier',
    clusters: ['us Unreachable'],
    hosts: ['eu/a', 'us/a'],
    distribution: {
      replicas: 3,
      current: { 'eu/a': 3, 'us/a': 2 },
      clusters: {
        tiers: [
          {
            name: 'home',
            required: [{ matchExpressions: [{ key: cluster, operator: 'In', values: ['eu'] }] }],
            overflow: true,
          },
          { name: 'away' },
        ],
      },
    },
    want: { cluster: { eu: 1, us: 2 }, moves: 0 },
  },
  {
    promise: 'a host port is taken once on a host, by whomever',
    hosts: ['eu/a', 'eu/b'],
    distributions: {
      web: { replicas: 1, ports: ['8080'], current: { 'eu/a': 1 } },
      api: { replicas: 2, ports: ['8080'] },
      other: { replicas: 2, ports: ['9090'] },
    },
    wants: {
      web: { host: { 'eu/a': 1 } },
      api: { host: { 'eu/b': 2 } },
      other: { host: [1, 1] },
    },
  },
  {
    promise: 'a host port that is taken everywhere is named as the reason',
    hosts: ['eu/a'],
    distributions: {
      web: { replicas: 1, ports: ['8080'], current: { 'eu/a': 1 } },
      api: { replicas: 2, ports: ['8080'] },
    },
    wants: { web: { placed: 1 }, api: { placed: 0, unplaced: { HostPortTaken: 2 } } },
  },
  {
    promise: 'what is placed by two distributions together fits on the host',
    hosts: ['eu/a instances=4', 'eu/b instances=4'],
    distributions: { web: { replicas: 4 }, api: { replicas: 4 } },
    wants: { web: { host: { 'eu/a': 2, 'eu/b': 2 } }, api: { host: { 'eu/a': 2, 'eu/b': 2 } } },
  },
  {
    promise: 'who has few hosts to choose from is not crowded out by who has many',
    hosts: ['eu/a disk=ssd instances=2', 'eu/b instances=2'],
    distributions: { any: { replicas: 2 }, picky: { replicas: 2, hosts: { required: [{ matchExpressions: [ssd] }] } } },
    wants: { any: { host: { 'eu/b': 2 } }, picky: { host: { 'eu/a': 2 } } },
  },
  {
    promise: 'among equals the tie that makes the next entry more level wins',
    hosts: [
      'eu/a region=e zone=z1 instances=1',
      'eu/b region=e zone=z2',
      'us/c region=u zone=z3',
      'us/d region=u zone=z4',
    ],
    distribution: { replicas: 7, spread: [{ topologyKey: region }, { topologyKey: zone }] },
    want: { region: { e: 3, u: 4 }, zone: { z1: 1, z2: 2, z3: 2, z4: 2 } },
  },
  {
    promise: 'a label may have any name, such as that of a property in JavaScript',
    hosts: ['eu/a', 'eu/b constructor=x'],
    distribution: { replicas: 2, spread: [{ topologyKey: 'constructor', whenUnsatisfiable: 'Block' }] },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'KeepOriginal: who comes back takes its replicas back',
    hosts: ['eu/a', 'eu/b'],
    distribution: {
      replicas: 4,
      current: { 'eu/b': 4 },
      returned: { 'eu/a': 3 },
      failover: { reconnect: 'KeepOriginal' },
    },
    want: { host: { 'eu/a': 3, 'eu/b': 1 }, moves: 3 },
  },
  {
    promise: 'BestScore: of all that run after a flap, those stay that are placed best',
    hosts: ['eu/a', 'eu/b'],
    distribution: {
      replicas: 4,
      current: { 'eu/b': 4 },
      returned: { 'eu/a': 3 },
      failover: { reconnect: 'BestScore' },
    },
    want: { host: { 'eu/a': 2, 'eu/b': 2 }, moves: 2 },
  },
  {
    promise: 'KeepReplacement, the default: who took the place keeps it',
    hosts: ['eu/a', 'eu/b'],
    distribution: { replicas: 4, current: { 'eu/b': 4 }, returned: { 'eu/a': 3 } },
    want: { host: { 'eu/b': 4 }, moves: 0 },
  },
  {
    promise: 'KeepOriginal: where others took the room meanwhile, only as many come back as fit',
    hosts: ['eu/a instances=4', 'eu/b'],
    distributions: {
      web: {
        replicas: 4,
        current: { 'eu/b': 4 },
        returned: { 'eu/a': 4 },
        failover: { reconnect: 'KeepOriginal' },
      },
      other: { replicas: 3, current: { 'eu/a': 3 } },
    },
    wants: { web: { host: { 'eu/a': 1, 'eu/b': 3 }, moves: 1 }, other: { host: { 'eu/a': 3 } } },
  },
];
