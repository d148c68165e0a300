import {
  labels,
  typeMeta,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudPlacement,
  type ActorObject,
  type ClusterObject,
  type DistributionObject,
  type HostObject,
  type HostSpec,
  type HostStatus,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import type { Host } from '../model/snapshot.ts';
import { avoidanceOf, currentOf, memberHosts, placementsByKey, toSnapshot, type MemberObjects } from './snapshot.ts';

const eu: ClusterObject = {
  ...typeMeta(WasmCloudCluster),
  metadata: { name: 'eu' },
  spec: { region: 'europe', zone: 'eu-a', labels: { tier: 'gold' }, taints: [{ key: 'new', effect: 'NoSchedule' }] },
};

const host = (
  name: string,
  spec: HostSpec = {},
  status?: HostStatus,
  own: Record<string, string> = {},
): HostObject => ({
  ...typeMeta(WasmCloudHost),
  metadata: { name, labels: own },
  spec,
  ...(status !== undefined && { status }),
});

const actor = (name: string, hostName: string, instances: number, own: Record<string, string> = {}): ActorObject => ({
  ...typeMeta(WasmCloudActor),
  metadata: { name, namespace: 'default', labels: own },
  spec: { hostName, id: name, image: 'registry/app:1', instances },
});

const member = (rest: Partial<MemberObjects>): MemberObjects => ({
  cluster: eu,
  reach: 'Reachable',
  hosts: [],
  actors: [],
  providers: [],
  ...rest,
});

const one = (object: HostObject): Host | undefined =>
  memberHosts(member({ hosts: [{ object, liveness: 'Ready' }] }), () => false)[0];

describe('a host', () => {
  test("has its cluster's labels, and wadm's short names for them", () => {
    expect(one(host('a', {}, undefined, { disk: 'ssd', tier: 'iron', zone: 'mine' }))?.labels).toEqual({
      disk: 'ssd',
      tier: 'gold',
      [labels.region]: 'europe',
      [labels.zone]: 'eu-a',
      [labels.cluster]: 'eu',
      [labels.hostname]: 'a',
      region: 'europe',
      zone: 'mine',
      cluster: 'eu',
    });
  });

  test('offers 10,000 instances unless it says otherwise, and nothing of what cannot be read', () => {
    expect(one(host('a'))?.allocatable).toEqual({ instances: 10_000 });
    expect(one(host('a', {}, { allocatable: { instances: 5, memory: '1Gi', cpu: 'Ki' } }))?.allocatable).toEqual({
      instances: 5,
      memory: 1_073_741_824_000,
      cpu: 0,
    });
  });

  test('claims neither another cluster nor what no host has', () => {
    const claims = { [labels.cluster]: 'us', [labels.region]: 'america' };
    const allocatable = { instances: -5, memory: '999999999999Ei', cpu: '-2', gpu: '1e40' };
    const liar = one(host('a', {}, { allocatable }, claims));
    expect(liar?.cluster).toBe('eu');
    expect(liar?.labels).toMatchObject({ [labels.cluster]: 'eu', [labels.region]: 'europe' });
    for (const amount of Object.values(liar?.allocatable ?? {})) {
      expect(amount).toBeGreaterThanOrEqual(0);
      expect(Number.isSafeInteger(1000 * Math.ceil(amount / 1000))).toBe(true);
    }
  });

  test('takes nothing new while it is deleted', () => {
    const leaving = host('a');
    leaving.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(one(leaving)?.unschedulable).toBe(true);
  });

  test('is used by what is not ours', () => {
    const ours = { [labels.distribution]: 'web' };
    const hosts = memberHosts(
      member({
        hosts: [{ object: host('a'), liveness: 'Ready' }],
        actors: [actor('web', 'a', 3, ours), actor('theirs', 'a', 4), actor('elsewhere', 'b', 5)],
      }),
      ({ metadata }) => metadata.labels?.[labels.distribution] !== undefined,
    );
    expect(hosts.map(({ foreign }) => foreign)).toEqual([{ instances: 4 }]);
  });
});

describe('a stored decision', () => {
  const placement: PlacementObject = {
    ...typeMeta(WasmCloudPlacement),
    metadata: { name: 'web.eu', namespace: 'default' },
    spec: { distribution: 'web', cluster: 'eu', epoch: 1, revision: 'r1', hosts: [{ host: 'a', replicas: 2 }] },
    status: {
      failures: ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'].map((time, index) => ({
        host: `h${index}`,
        revision: 'r1',
        reason: 'StartFailed',
        message: 'no such image',
        time,
      })),
    },
  };

  test('is what stands', () => {
    expect([...placementsByKey([placement]).keys()]).toEqual(['default/web']);
    expect(currentOf(placement)).toEqual([{ cluster: 'eu', host: 'a', replicas: 2 }]);
  });

  test('keeps replicas from where a recent start failed', () => {
    expect(avoidanceOf(placement, (time) => time > '2026-01-01T12')).toEqual([
      { revision: 'r1', cluster: 'eu', host: 'h1' },
    ]);
  });
});

test('objects become a snapshot', () => {
  const object: DistributionObject = {
    ...typeMeta(WasmCloudDistribution),
    metadata: { name: 'web', namespace: 'default' },
    spec: { actor: { id: 'web', image: 'registry/web:1' }, replicas: 3 },
  };
  const snapshot = toSnapshot({
    members: [member({ reach: 'Unreachable', hosts: [{ object: host('a'), liveness: 'Suspect' }] })],
    planned: [{ object, revision: 'r1', current: [], avoid: [] }],
    isOurs: () => true,
  });
  expect(snapshot.clusters).toMatchObject([
    { name: 'eu', reach: 'Unreachable', taints: [{ key: 'new', effect: 'NoSchedule' }], unschedulable: false },
  ]);
  expect(snapshot.hosts).toMatchObject([{ name: 'a', cluster: 'eu', state: 'Suspect' }]);
  expect(snapshot.distributions).toMatchObject([{ key: 'default/web', revision: 'r1', replicas: 3 }]);
});
