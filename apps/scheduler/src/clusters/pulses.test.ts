import { WasmCloudHost, typeMeta, type HostObject, type KubeObject } from '@kasmcloud/kube-api';
import type { Lease } from '@kasmcloud/kube';
import { FakeClock } from '@kasmcloud/testing';
import { expect, test } from 'vitest';
import { Pulses } from './pulses.ts';

const host = (name: string): HostObject => ({ ...typeMeta(WasmCloudHost), metadata: { name }, spec: { lattices: [] } });

/** Hosts `a` and `b`, whose Leases last 15 s, seen by one who waits for `lostAfterMs`. */
function watched(lostAfterMs: number) {
  const clock = new FakeClock();
  const leases = new Map<string, KubeObject & Lease>();
  let sees: (key: string, before: undefined, lease: KubeObject & Lease) => void = () => undefined;
  const judged: string[] = [];
  const hosts = new Map(['a', 'b'].map((name) => [name, host(name)]));
  const pulses = new Pulses({
    clock,
    hosts: { get: (name) => hosts.get(name), list: () => [...hosts.values()], size: 2 },
    leases: {
      get: (key) => leases.get(key),
      onChange: (listener) => {
        sees = (key, before, lease) => listener(key, before, lease);
        return () => undefined;
      },
      onReachable: () => () => undefined,
    },
    hostLostAfterMs: lostAfterMs,
    isExcused: () => false,
    onJudged: (names) => judged.push(...[...names].map((name) => `${name} ${pulses.livenessOf(name)}`)),
  });
  const renew = (name: string): void => {
    const spec = { holderIdentity: name, leaseDurationSeconds: 15, renewTime: String(clock.steady()) };
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec };
    leases.set(`kasmcloud-system/${name}`, lease);
    sees(`kasmcloud-system/${name}`, undefined, lease);
  };
  return { clock, pulses, judged, renew };
}

test('it is told when the next host is Lost, and then it is', async () => {
  const { clock, pulses, judged, renew } = watched(20_000);
  renew('a');
  await clock.advance(3_000);
  renew('b');
  expect(judged.splice(0)).toEqual(['a Ready', 'b Ready']);
  expect(pulses.nextLossMs).toBe(17_000);
  await clock.advance(15_001);
  pulses.judgeAll();
  expect(judged.splice(0)).toEqual(['a Suspect', 'b Suspect']);
  expect(pulses.nextLossMs).toBe(1_999);
  await clock.advance(2_000);
  pulses.judgeAll();
  expect(judged.splice(0)).toEqual(['a Lost']);
  expect(pulses.nextLossMs).toBe(2_999);
  renew('b');
  expect([judged.splice(0), pulses.nextLossMs]).toEqual([['b Ready'], 20_000]);
});

test('who is Lost already is waited for no longer', async () => {
  const { clock, pulses, judged, renew } = watched(15_000);
  renew('a');
  renew('b');
  await clock.advance(15_001);
  pulses.judgeAll();
  expect(judged.splice(0)).toEqual(['a Ready', 'b Ready', 'a Lost', 'b Lost']);
  expect(pulses.nextLossMs).toBeUndefined();
});
