import {
  builtin,
  labels,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type HostObject,
} from '@kasmcloud/kube-api';
import { connectLattice } from '@kasmcloud/lattice';
import { controlSubject, decodeInventoryReply, encodeJson, sharedControl } from '@kasmcloud/wire';
import { describe, expect, test } from 'vitest';
import { type BridgeWorld, LATTICE, nkey, nothing } from '../bridge.fixture.ts';
import { controlledWorld, one, soon, two } from './control.fixture.ts';

const world = controlledWorld();

const actorsIn = async (cluster: BridgeWorld['hub'], id: string): Promise<ActorObject[]> =>
  (await cluster.client.list<ActorObject>(WasmCloudActor, { namespace: LATTICE })).items.filter(
    ({ spec }) => spec.id === id,
  );
const scale = (id: string, count: number, more: object = {}): object => ({
  component_id: id,
  component_ref: 'r:1',
  count,
  ...more,
});

describe('components', () => {
  test('are started, scaled, updated and stopped on the host that is named, and every step is told', async () => {
    const subject = controlSubject.componentScale(LATTICE, two);
    const more = {
      annotations: { 'wasmcloud.dev/managed-by': 'wadm' },
      config: ['App_Config', 'SECRET_db'],
      component_limits: { max_memory_limit: '67108864', max_execution_time: '10' },
    };
    expect(await world().ask(subject, scale('hello', 3, more))).toEqual({ success: true, message: '' });
    const [actor] = await actorsIn(world().eu, 'hello');
    expect(actor?.spec).toMatchObject({
      hostName: 'eu-1',
      image: 'r:1',
      instances: 3,
      secrets: ['db'],
      limits: { memory: '67108864', executionTime: '10s' },
    });
    expect(actor?.spec.config).toEqual([expect.stringMatching(/^app-config-[0-9a-f]{8}$/)]);
    await expect
      .poll(() => world().told('component_scaled'), soon)
      .toContainEqual(
        expect.objectContaining({
          source: two,
          data: {
            annotations: more.annotations,
            host_id: two,
            image_ref: 'r:1',
            max_instances: 3,
            component_id: 'hello',
          },
        }),
      );
    const { data } = await world().tool.request(controlSubject.hostGet(LATTICE, two), nothing, { timeoutMs: 5_000 });
    expect(decodeInventoryReply(data).response?.components).toMatchObject([
      { id: 'hello', max_instances: 3, annotations: more.annotations },
    ]);

    // The same again: nothing is written, and yet who waits for the event gets it.
    const count = world().told('component_scaled').length;
    await world().ask(subject, scale('hello', 3, more));
    await expect.poll(() => world().told('component_scaled').length, soon).toBe(count + 1);

    const other = await world().ask(subject, scale('hello', 5, { component_ref: 'r:2' }));
    expect(other.success).toBe(true);
    expect(other.message).toMatch(
      /^Requested to scale existing component to a different image reference: r:1 != r:2\./,
    );
    expect((await actorsIn(world().eu, 'hello'))[0]?.spec).toMatchObject({ image: 'r:1', instances: 5 });

    const update = controlSubject.componentUpdate(LATTICE, two);
    expect(await world().ask(update, { component_id: 'hello', new_component_ref: 'r:2' })).toEqual({
      success: true,
      message: 'component hello updating from r:1 to r:2',
    });
    await expect
      .poll(() => world().told('component_scaled').at(-1), soon)
      .toMatchObject({ data: { image_ref: 'r:2', max_instances: 5, annotations: {} } });
    expect((await world().ask(update, { component_id: 'hello', new_component_ref: 'r:2' })).message).toBe(
      'component hello already updated to r:2',
    );

    expect(await world().ask(subject, scale('hello', 0))).toEqual({ success: true, message: '' });
    expect(await actorsIn(world().eu, 'hello')).toEqual([]);
    await expect
      .poll(() => world().told('component_scaled').at(-1), soon)
      .toMatchObject({ data: { component_id: 'hello', max_instances: 0 } });
    expect(await world().ask(update, { component_id: 'hello', new_component_ref: 'r:3' })).toEqual({
      success: false,
      message: 'component hello not found',
    });
  });

  test('stopping what does not run is told, as hosts do', async () => {
    await world().ask(controlSubject.componentScale(LATTICE, one), scale('ghost', 0));
    await expect
      .poll(() => world().told('component_scaled'), soon)
      .toContainEqual(
        expect.objectContaining({ data: expect.objectContaining({ component_id: 'ghost', max_instances: 0 }) }),
      );
  });

  test('a start and a stop in one breath leave nothing', async () => {
    const subject = controlSubject.componentScale(LATTICE, one);
    await Promise.all([world().ask(subject, scale('brief', 1)), world().ask(subject, scale('brief', 0))]);
    expect(await actorsIn(world().hub, 'brief')).toEqual([]);
  });

  test('a start that fails is told with the reason', async () => {
    const subject = controlSubject.componentScale(LATTICE, one);
    await world().ask(subject, scale('sick', 2, { component_ref: 'broken' }));
    await expect
      .poll(() => world().told('component_scale_failed'), soon)
      .toMatchObject([
        {
          source: one,
          data: { component_id: 'sick', image_ref: 'broken', error: 'ImagePullBackOff: no such image' },
        },
      ]);
    await world().ask(subject, scale('sick', 0));
  });
});

describe('providers', () => {
  test('are started and stopped, and their health is told', async () => {
    const start = controlSubject.providerStart(LATTICE, one);
    const command = { provider_id: 'http', provider_ref: 'http:1', host_id: one, config: [] };
    expect(await world().ask(start, command)).toEqual({ success: true, message: 'successfully started provider' });
    await expect.poll(() => world().told('provider_started'), soon).toMatchObject([{ data: { provider_id: 'http' } }]);
    await expect.poll(() => world().told('health_check_passed'), soon).toHaveLength(1);
    await expect.poll(() => world().told('health_check_status').length, soon).toBeGreaterThan(0);
    expect(await world().ask(start, command)).toEqual({
      success: false,
      message: 'provider with that ID is already running',
    });
    const stop = controlSubject.providerStop(LATTICE, one);
    expect((await world().ask(stop, { provider_id: 'http', host_id: one })).message).toBe(
      'successfully stopped provider',
    );
    await expect.poll(() => world().told('provider_stopped'), soon).toMatchObject([{ data: { provider_id: 'http' } }]);
    expect(await world().ask(stop, { provider_ref: 'http' })).toEqual({
      success: false,
      message: 'provider with that ID is not running',
    });
  });
});

describe('hosts', () => {
  test('auctions: who fits answers, who does not is silent', async () => {
    const bid = async (constraints: object, id = 'new'): Promise<string[]> => {
      const lot = encodeJson({ component_ref: 'r:1', component_id: id, constraints });
      const answers = await world().tool.scatter(controlSubject.componentAuction(LATTICE), lot, { waitMs: 200 });
      const bidders = answers.map(({ data }) => String(JSON.parse(new TextDecoder().decode(data)).response.host_id));
      return bidders.toSorted((a, b) => (a < b ? -1 : 1));
    };
    expect(await bid({})).toEqual([one, two]);
    expect(await bid({ zone: 'a' })).toEqual([one, two]);
    expect(await bid({ zone: 'b' })).toEqual([]);
    await world().ask(controlSubject.componentScale(LATTICE, one), scale('placed', 1));
    await expect.poll(async () => bid({}, 'placed'), soon).toEqual([two]);
    await world().ask(controlSubject.componentScale(LATTICE, one), scale('placed', 0));
  });

  test('labels are put and deleted where the lattice may change hosts, and refused where not', async () => {
    const put = controlSubject.labelPut(LATTICE, one);
    expect(await world().ask(put, { key: 'rack', value: '7' })).toEqual({
      success: true,
      message: 'successfully put label',
    });
    await expect
      .poll(() => world().told('labels_changed'), soon)
      .toMatchObject([{ source: one, data: { host_id: one, labels: { rack: '7', zone: 'a' } } }]);
    const del = controlSubject.labelDel(LATTICE, one);
    expect((await world().ask(del, { key: 'rack' })).message).toBe('successfully deleted label');
    expect((await world().ask(del, { key: 'rack' })).message).toBe('successfully deleted label (no such label)');
    expect((await world().ask(put, { key: 'hostcore.os', value: 'x' })).message).toBe(
      'hostcore.* labels cannot be set dynamically',
    );
    for (const key of ['kasmcloud.io/cluster', 'topology.kubernetes.io/zone'])
      expect((await world().ask(put, { key, value: 'x' })).success).toBe(false);
    const refused = await world().ask(controlSubject.labelPut(LATTICE, two), { key: 'rack', value: '7' });
    expect(refused).toMatchObject({
      success: false,
      message: expect.stringMatching(/cannot patch resource "wasmcloudhosts"/),
    });
  });

  test('a host that is stopped is emptied of what the lattice started, and heard no more', async () => {
    const three = nkey('C');
    await world().host(world().hub, 'hub-3', three);
    await expect
      .poll(
        () =>
          world()
            .told('host_started')
            .map(({ source }) => source),
        soon,
      )
      .toContain(three);
    await world().ask(controlSubject.componentScale(LATTICE, three), scale('mine', 1));
    const theirs = { hostName: 'hub-3', id: 'theirs', image: 'r:1', instances: 1 };
    await world().hub.client.create(WasmCloudActor, { metadata: { name: 'theirs', namespace: LATTICE }, spec: theirs });
    const stop = controlSubject.hostStop(LATTICE, three);
    expect((await world().ask(stop, { host_id: one })).success).toBe(false);
    expect(await world().ask(stop, { host_id: three, timeout: 5_000 })).toEqual({
      success: true,
      message: 'successfully handled stop host',
    });
    await expect
      .poll(
        () =>
          world()
            .told('host_stopped')
            .map(({ source }) => source),
        soon,
      )
      .toContain(three);
    const host = await world().hub.client.get<HostObject>(WasmCloudHost, 'hub-3');
    expect(host.spec).toMatchObject({
      unschedulable: true,
      taints: [{ key: 'kasmcloud.io/stopped', value: LATTICE, effect: 'NoExecute' }],
    });
    expect(await actorsIn(world().hub, 'mine')).toEqual([]);
    expect(await actorsIn(world().hub, 'theirs')).toHaveLength(1);
    await world().hub.client.delete(WasmCloudActor, 'theirs', LATTICE);
  });
});

test('what a Distribution, a git source or kubectl owns is refused with its name', async () => {
  const { client } = world().hub;
  const make = async (name: string, said: Record<string, string>, hostName = 'hub-1'): Promise<void> => {
    const metadata = { name, namespace: LATTICE, labels: said };
    await client.create(WasmCloudActor, { metadata, spec: { hostName, id: name, image: 'r:1', instances: 1 } });
  };
  await make('placed', { [labels.distribution]: 'web', [labels.managedBy]: 'kasmcloud' }, 'elsewhere');
  await make('from-app', { [labels.distribution]: 'web', [labels.application]: 'app' });
  await make('from-git', { [labels.gitSource]: 'infra' });
  await make('by-hand', {});
  const owners = {
    placed: `WasmCloudDistribution ${LATTICE}/web`,
    'from-app': `WasmCloudDistribution ${LATTICE}/web of Application ${LATTICE}/app`,
    'from-git': `GitSource ${LATTICE}/infra`,
    'by-hand': `whoever made WasmCloudActor ${LATTICE}/by-hand in Kubernetes`,
  };
  for (const [id, owner] of Object.entries(owners)) {
    const message = `component ${id} belongs to ${owner}: change it there`;
    for (const count of [0, 5])
      await expect
        .poll(async () => world().ask(controlSubject.componentScale(LATTICE, one), scale(id, count)), soon)
        .toEqual({ success: false, message });
    await client.delete(WasmCloudActor, id, LATTICE);
  }
});

test('requests about the lattice go to one of all hosts of the queue group', async () => {
  const legacy = await connectLattice({ servers: world().nats.url, name: 'legacy' });
  const { subject, queue } = sharedControl(LATTICE, 'link');
  let taken = 0;
  legacy.subscribe(
    subject,
    ({ reply = '' }) => {
      taken += 1;
      legacy.publish(reply, encodeJson({ success: true, message: 'legacy', response: [] }));
    },
    { queue },
  );
  await legacy.flush({ timeoutMs: 5_000 });
  const answers = new Map<string, number>();
  for (let i = 0; i < 200 && answers.size < 2; i++) {
    const got = await world().tool.scatter(controlSubject.linkGet(LATTICE), nothing, { waitMs: 2_000, maxAnswers: 1 });
    expect(got).toHaveLength(1);
    const { message } = JSON.parse(new TextDecoder().decode(got[0]?.data)) as { message: string };
    answers.set(message, (answers.get(message) ?? 0) + 1);
  }
  expect([...answers.keys()].toSorted()).toEqual(['', 'legacy']);
  expect(taken).toBe(answers.get('legacy'));
  await legacy.close();
});

test('a namespace that a cluster does not share is not reached', async () => {
  await world().eu.client.patch(
    builtin.Namespace,
    LATTICE,
    undefined,
    { metadata: { labels: { [labels.lattice]: null } } },
    { type: 'merge' },
  );
  await expect
    .poll(async () => world().ask(controlSubject.componentScale(LATTICE, two), scale('hello', 1)), soon)
    .toEqual({ success: false, message: `cluster eu has no namespace ${LATTICE} that is a lattice` });
  await world().eu.client.patch(
    builtin.Namespace,
    LATTICE,
    undefined,
    { metadata: { labels: { [labels.lattice]: '' } } },
    { type: 'merge' },
  );
  expect((await world().eu.client.list(WasmCloudProvider)).items).toEqual([]);
});
