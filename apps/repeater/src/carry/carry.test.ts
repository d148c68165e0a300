import {
  annotations,
  builtin,
  conditionTypes,
  findCondition,
  labels,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type HostObject,
  type Kind,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { SimulatedLegacyHost } from '@kasmcloud/testing';
import { encodeJson, controlSubject } from '@kasmcloud/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { LATTICE, nkey, RepeaterWorld } from '../world.fixture.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const soon = { timeout: 60_000 };
const letters = 'ABCDEFGHIJKLMNOPQ';
let used = 0;

let world: RepeaterWorld;
let host: SimulatedLegacyHost;
let hostName: string;
beforeAll(async () => {
  world = await RepeaterWorld.start({ jetstream: true });
}, 60_000);
afterAll(async () => world.close());
beforeEach(async () => {
  const id = nkey(letters.charAt(used++));
  hostName = id.toLowerCase();
  host = await SimulatedLegacyHost.start(world.nats.url, { id, lattice: LATTICE, labels: { [labels.cluster]: 'eu' } });
});
afterEach(async () => {
  await host.kill();
  await world.clean();
});

const client = () => world.eu.client;
const hostObject = async (): Promise<HostObject | undefined> => client().find<HostObject>(WasmCloudHost, hostName);
const isKnown = async (): Promise<void> => {
  await expect.poll(async () => (await hostObject())?.status?.runtime, soon).toBe('wasmcloud');
};
const actor = async (name: string, spec: object): Promise<void> => {
  const all = { hostName, id: name, image: 'r:1', instances: 2, ...spec };
  await client().create(WasmCloudActor, { metadata: { name, namespace: LATTICE }, spec: all });
};
const change = async (kind: Kind, name: string, spec: object): Promise<void> => {
  await client().patch(kind, name, LATTICE, { spec }, { type: 'merge' });
};
const readyOf = async (kind: Kind, name: string): Promise<unknown> => {
  const { status, metadata } = await client().get<ActorObject | ProviderObject>(kind, name, LATTICE);
  const ready = findCondition(status?.conditions, conditionTypes.ready);
  const isNow = status?.observedGeneration === metadata.generation;
  return isNow ? `${ready?.status} ${ready?.reason}${ready?.message === '' ? '' : `: ${ready?.message}`}` : 'old';
};
const isRunning = async (kind: Kind, name: string): Promise<void> => {
  await expect.poll(async () => readyOf(kind, name), soon).toBe('True Running');
};

describe('what names a legacy host', () => {
  test('an Actor is started, scaled in place, started anew with another image, and stopped', async () => {
    await world.hub.client.create(builtin.ConfigMap, {
      metadata: {
        name: 'app-config',
        namespace: LATTICE,
        labels: { [labels.config]: '' },
        annotations: { [annotations.latticeName]: 'App_Config' },
      },
      data: { a: 'b' },
    });
    await world.startRepeater();
    await isKnown();
    await actor('hello', { config: ['app-config'], limits: { memory: '64Mi', executionTime: '1500ms' } });
    await isRunning(WasmCloudActor, 'hello');
    expect(host.components.get('hello')).toMatchObject({
      image_ref: 'r:1',
      max_instances: 2,
      config: ['App_Config'],
      limits: { max_memory_limit: '67108864', max_execution_time: '2' },
    });
    const { status } = await client().get<ActorObject>(WasmCloudActor, 'hello', LATTICE);
    expect(status).toMatchObject({ instances: 2, image: 'r:1' });

    await change(WasmCloudActor, 'hello', { instances: 5 });
    await isRunning(WasmCloudActor, 'hello');
    expect(host.components.get('hello')?.max_instances).toBe(5);

    await change(WasmCloudActor, 'hello', { image: 'r:2' });
    await isRunning(WasmCloudActor, 'hello');
    expect(host.components.get('hello')).toMatchObject({ image_ref: 'r:2', max_instances: 5 });
    expect(host.commands).toEqual(['scale hello 2', 'scale hello 5', 'scale hello 0', 'scale hello 5']);

    await client().delete(WasmCloudActor, 'hello', LATTICE);
    await expect.poll(() => host.components.size, soon).toBe(0);
    expect(host.commands.slice(4)).toEqual(['scale hello 0']);
  });

  test('a Provider is started, replaced and stopped', async () => {
    await world.startRepeater();
    await isKnown();
    const spec = { hostName, id: 'http', image: 'http:1' };
    await client().create(WasmCloudProvider, { metadata: { name: 'http', namespace: LATTICE }, spec });
    await isRunning(WasmCloudProvider, 'http');
    await change(WasmCloudProvider, 'http', { image: 'http:2' });
    await isRunning(WasmCloudProvider, 'http');
    expect(host.providers.get('http')?.image_ref).toBe('http:2');
    await client().delete(WasmCloudProvider, 'http', LATTICE);
    await expect.poll(() => host.providers.size, soon).toBe(0);
    expect(host.commands).toEqual(['start http', 'stop http', 'start http', 'stop http']);
  });

  test('what a host says against a start is in the status, and the start is tried again', async () => {
    host.missing.add('gone:1');
    await world.startRepeater();
    await isKnown();
    await actor('sick', { image: 'gone:1' });
    await expect
      .poll(async () => readyOf(WasmCloudActor, 'sick'), soon)
      .toBe('False ScaleFailed: failed to fetch component: gone:1: not found');
    host.missing.delete('gone:1');
    await isRunning(WasmCloudActor, 'sick');
    expect(host.commands.length).toBeGreaterThan(1);
  });

  test('Secrets of Kubernetes do not go to a legacy host, and the status says so', async () => {
    await world.startRepeater();
    await isKnown();
    await actor('secretive', { secrets: ['db'] });
    await expect
      .poll(async () => readyOf(WasmCloudActor, 'secretive'), soon)
      .toMatch(/^False ScaleFailed: Secrets do not reach wasmCloud hosts/);
    expect(host.commands).toEqual([]);
  });

  test('what others started is left alone; what was started for an object that went meanwhile is stopped', async () => {
    const theirs = { component_id: 'theirs', component_ref: 'r:9', count: 1 };
    await world.tool.request(controlSubject.componentScale(LATTICE, host.id), encodeJson(theirs), { timeoutMs: 5_000 });
    const first = await world.startRepeater('first');
    await isKnown();
    await actor('brief', {});
    await isRunning(WasmCloudActor, 'brief');
    await first.close();
    await client().delete(WasmCloudActor, 'brief', LATTICE);
    await world.startRepeater('second');
    await expect.poll(() => [...host.components.keys()], soon).toEqual(['theirs']);
    expect(host.commands).toEqual(['scale theirs 1', 'scale brief 2', 'scale brief 0']);
  });

  test('a component that others started from the same image is taken over as it runs', async () => {
    const theirs = { component_id: 'shared', component_ref: 'r:1', count: 2 };
    await world.tool.request(controlSubject.componentScale(LATTICE, host.id), encodeJson(theirs), { timeoutMs: 5_000 });
    await world.startRepeater();
    await isKnown();
    await actor('shared', {});
    await isRunning(WasmCloudActor, 'shared');
    expect(host.commands).toEqual(['scale shared 2']);
  });

  test('what was taken over as it runs is stopped when its Actor goes, also by another repeater', async () => {
    const theirs = { component_id: 'shared', component_ref: 'r:1', count: 2 };
    const ask = { timeoutMs: 5_000 };
    await world.tool.request(controlSubject.componentScale(LATTICE, host.id), encodeJson(theirs), ask);
    await world.tool.request(
      controlSubject.providerStart(LATTICE, host.id),
      encodeJson({ provider_id: 'http', provider_ref: 'http:1' }),
      ask,
    );
    const first = await world.startRepeater('first');
    await isKnown();
    await actor('shared', {});
    const spec = { hostName, id: 'http', image: 'http:1' };
    await client().create(WasmCloudProvider, { metadata: { name: 'http', namespace: LATTICE }, spec });
    await isRunning(WasmCloudActor, 'shared');
    await isRunning(WasmCloudProvider, 'http');
    await first.close();
    await client().delete(WasmCloudActor, 'shared', LATTICE);
    await client().delete(WasmCloudProvider, 'http', LATTICE);
    await world.startRepeater('second');
    await expect.poll(() => [host.components.size, host.providers.size], soon).toEqual([0, 0]);
    expect(host.commands.toSorted()).toEqual(['scale shared 0', 'scale shared 2', 'start http', 'stop http']);
    // What is started by others later is theirs again.
    const note = async (): Promise<unknown> => (await hostObject())?.metadata.annotations?.[annotations.adopted];
    await expect.poll(note, soon).toBeUndefined();
  });

  test('what runs where its Distribution wants nothing is stopped', async () => {
    for (const id of ['surplus', 'theirs']) {
      const command = { component_id: id, component_ref: 'r:1', count: 1 };
      await world.tool.request(controlSubject.componentScale(LATTICE, host.id), encodeJson(command), {
        timeoutMs: 5_000,
      });
    }
    await world.startRepeater();
    await isKnown();
    const seen = async (): Promise<ActorObject | undefined> => {
      const { items } = await client().list<ActorObject>(WasmCloudActor, { namespace: LATTICE });
      return items.find(({ spec }) => spec.id === 'surplus');
    };
    await expect.poll(seen, soon).toBeDefined();
    const patch = { metadata: { annotations: { [annotations.unwanted]: 'web' } } };
    await client().patch(WasmCloudActor, (await seen())?.metadata.name ?? '', LATTICE, patch, { type: 'merge' });
    await expect.poll(() => [...host.components.keys()], soon).toEqual(['theirs']);
    expect(host.commands).toEqual(['scale surplus 1', 'scale theirs 1', 'scale surplus 0']);
  });

  test('what a host lost is started again', async () => {
    await world.startRepeater();
    await isKnown();
    await actor('hello', {});
    await isRunning(WasmCloudActor, 'hello');
    host.components.clear();
    await expect.poll(() => host.components.size, soon).toBe(1);
    await isRunning(WasmCloudActor, 'hello');
  });

  test('NATS is killed and comes back: nothing is sent twice, nothing is lost', async () => {
    await world.startRepeater();
    await isKnown();
    await actor('before', {});
    await isRunning(WasmCloudActor, 'before');
    await world.nats.stop('SIGKILL');
    await actor('meanwhile', {});
    await change(WasmCloudActor, 'before', { instances: 3 });
    await world.nats.restart();
    await isRunning(WasmCloudActor, 'meanwhile');
    await isRunning(WasmCloudActor, 'before');
    expect(host.commands.toSorted()).toEqual(['scale before 2', 'scale before 3', 'scale meanwhile 2']);
  });
});

test('labels that a person gives a WasmCloudHost go to the host, change, and go from there; its own stay its own', async () => {
  await world.startRepeater();
  await isKnown();
  const label = async (said: Record<string, string | null>): Promise<void> => {
    await client().patch(WasmCloudHost, hostName, undefined, { metadata: { labels: said } }, { type: 'merge' });
  };
  const told = async (): Promise<unknown> => (await hostObject())?.status?.labels;
  const before = { ...host.labels };
  for (const rack of ['7', '8']) {
    await label({ rack });
    await expect.poll(() => host.labels['rack'], soon).toBe(rack);
    await expect.poll(told, soon).toEqual({ ...before, rack });
    expect((await hostObject())?.metadata.labels?.['rack']).toBe(rack);
  }
  await label({ rack: null });
  await expect.poll(() => host.labels, soon).toEqual(before);
  await expect.poll(told, soon).toEqual(before);

  // Taken back before anybody can have seen what became of it; what comes after shows that it was looked at.
  await label({ rack: '9' });
  await label({ rack: null, tier: 'gold' });
  await expect.poll(() => host.labels['tier'], soon).toBe('gold');
  await label({ tier: null });
  await expect.poll(() => host.labels, soon).toEqual(before);
  await expect.poll(told, soon).toEqual(before);
  expect(Object.keys((await hostObject())?.metadata.labels ?? {})).not.toContain('rack');
});
