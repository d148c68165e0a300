import {
  annotations,
  builtin,
  labels,
  WasmCloudActor,
  WasmCloudLink,
  type ActorObject,
  type KubeObject,
  type LinkObject,
} from '@kasmcloud/kube-api';
import { openBucket } from '@kasmcloud/lattice';
import { configBucket, controlSubject, decodeConfig, encodeJson, latticeBucket } from '@kasmcloud/wire';
import { describe, expect, test } from 'vitest';
import { LATTICE, nothing } from '../bridge.fixture.ts';
import { controlledWorld, one, soon } from './control.fixture.ts';

const world = controlledWorld();

describe('links and config', () => {
  const link = {
    source_id: 'hello',
    target: 'kv',
    name: 'default',
    wit_namespace: 'wasi',
    wit_package: 'keyvalue',
    interfaces: ['store', 'atomics'],
    source_config: [],
    target_config: ['Redis_Url'],
  };

  test('are put, read and deleted as resources of the hub', async () => {
    const put = controlSubject.linkPut(LATTICE);
    expect(await world().ask(put, link)).toEqual({
      success: false,
      message: 'Failed to validate configuration and secrets. Configuration Redis_Url not found',
    });
    await expect.poll(() => world().told('linkdef_set_failed'), soon).toHaveLength(1);

    const config = { url: 'redis://127.0.0.1' };
    expect((await world().ask(controlSubject.configPut(LATTICE, 'Redis_Url'), config)).message).toBe(
      'successfully put config',
    );
    expect(await world().ask(controlSubject.configGet(LATTICE, 'Redis_Url'))).toMatchObject({ response: config });
    expect(await world().ask(controlSubject.configGet(LATTICE, 'other'))).toEqual({
      success: true,
      message: 'Configuration not found',
    });
    expect(await world().ask(put, link)).toEqual({ success: true, message: 'successfully set link' });
    expect(await world().ask(put, link)).toEqual({ success: true, message: 'successfully set link' });
    const { items } = await world().hub.client.list<LinkObject>(WasmCloudLink, { namespace: LATTICE });
    expect(items.map(({ spec }) => spec)).toMatchObject([
      { source: 'hello', target: 'kv', witPackage: 'keyvalue', interfaces: ['store', 'atomics'] },
    ]);
    expect((await world().ask(controlSubject.linkGet(LATTICE))).response).toEqual([link]);

    const secretive = { ...link, name: 'other', target_config: ['Redis_Url', 'SECRET_db'] };
    expect(await world().ask(put, secretive)).toEqual({ success: true, message: 'successfully set link' });
    expect((await world().ask(controlSubject.linkGet(LATTICE))).response).toContainEqual(secretive);

    const rival = { ...link, target: 'other', interfaces: ['store'], target_config: [] };
    expect((await world().ask(put, rival)).message).toMatch(/^link already exists with different target/);

    const { source_id, name, wit_namespace, wit_package } = link;
    const which = { source_id, name, wit_namespace, wit_package };
    expect((await world().ask(controlSubject.linkDel(LATTICE), which)).message).toBe('successfully deleted link');
    expect((await world().ask(controlSubject.linkDel(LATTICE), which)).message).toBe('successfully deleted link');
    await expect
      .poll(
        () =>
          world()
            .told('linkdef_deleted')
            .map((event) => ('data' in event ? event.data : {})),
        soon,
      )
      .toEqual([{ ...which, target: 'kv', interfaces: ['store', 'atomics'] }, which]);
    expect((await world().ask(controlSubject.configDel(LATTICE, 'Redis_Url'))).message).toBe(
      'successfully deleted config',
    );
    await expect
      .poll(() => world().told('config_deleted'), soon)
      .toMatchObject([{ data: { config_name: 'Redis_Url' } }]);
  });

  test('config that is no map of text, or has more than one token for a name, is refused', async () => {
    expect(await world().ask(controlSubject.configPut(LATTICE, 'x'), { a: 1 })).toEqual({
      success: false,
      message: 'config data should be a map of string -> string',
    });
    const subject = `${controlSubject.configPut(LATTICE, 'a')}.b`;
    expect(await world().ask(subject, {})).toEqual({ success: false, message: 'unsupported subject' });
  });

  test('a ConfigMap that is not config, or is of somebody else, is not touched', async () => {
    const { client } = world().hub;
    await client.create(builtin.ConfigMap, { metadata: { name: 'plain', namespace: LATTICE }, data: { a: 'b' } });
    const theirs = { name: 'theirs', namespace: LATTICE, labels: { [labels.config]: '', [labels.application]: 'app' } };
    await client.create(builtin.ConfigMap, { metadata: theirs, data: { a: 'b' } });
    expect((await world().ask(controlSubject.configPut(LATTICE, 'plain'), {})).message).toMatch(/lacks the label/);
    expect((await world().ask(controlSubject.configGet(LATTICE, 'plain'))).message).toBe('Configuration not found');
    for (const subject of [controlSubject.configPut(LATTICE, 'theirs'), controlSubject.configDel(LATTICE, 'theirs')])
      expect(await world().ask(subject, {})).toEqual({
        success: false,
        message: `config theirs belongs to Application ${LATTICE}/app: change it there`,
      });
    const left = await client.get<KubeObject & { data?: object }>(builtin.ConfigMap, 'theirs', LATTICE);
    expect(left.data).toEqual({ a: 'b' });
  });

  test('config is known by its name in the lattice, whatever its ConfigMap is called', async () => {
    const { client } = world().hub;
    const metadata = {
      name: 'my-app-settings',
      namespace: LATTICE,
      labels: { [labels.config]: '', [labels.application]: 'my-app' },
      annotations: { [annotations.latticeName]: 'my_app-settings' },
    };
    await client.create(builtin.ConfigMap, { metadata, data: { color: 'red' } });
    const get = controlSubject.configGet(LATTICE, 'my_app-settings');
    await expect.poll(async () => (await world().ask(get)).response, soon).toEqual({ color: 'red' });
    expect((await world().ask(controlSubject.configPut(LATTICE, 'my_app-settings'), {})).message).toBe(
      `config my_app-settings belongs to Application ${LATTICE}/my-app: change it there`,
    );
    // Its ConfigMap has the name of another config, which is not there.
    expect((await world().ask(controlSubject.configGet(LATTICE, 'my-app-settings'))).message).toBe(
      'Configuration not found',
    );
    expect((await world().ask(controlSubject.configPut(LATTICE, 'my-app-settings'), {})).message).toBe(
      `ConfigMap ${LATTICE}/my-app-settings cannot be config my-app-settings of the lattice: it is my_app-settings`,
    );
    const command = { component_id: 'dressed', component_ref: 'r:1', count: 1, config: ['my_app-settings'] };
    await world().ask(controlSubject.componentScale(LATTICE, one), command);
    const { items } = await client.list<ActorObject>(WasmCloudActor, { namespace: LATTICE });
    const actor = items.find(({ spec }) => spec.id === 'dressed');
    expect(actor?.spec.config).toEqual(['my-app-settings']);
    await world().ask(controlSubject.componentScale(LATTICE, one), { ...command, count: 0 });
  });

  test('a reference to a secret stays in the lattice', async () => {
    const reference = { name: 'db', backend: 'nats-kv', key: 'db/password', type: 'secret.wasmcloud.dev/v1alpha1' };
    expect((await world().ask(controlSubject.configPut(LATTICE, 'SECRET_db'), reference)).message).toBe(
      'successfully put config',
    );
    expect((await world().ask(controlSubject.configGet(LATTICE, 'SECRET_db'))).response).toEqual(reference);
    const bucket = await openBucket(world().tool, configBucket(LATTICE), { timeoutMs: 5_000 });
    expect(decodeConfig((await bucket.get('SECRET_db'))?.value ?? nothing)).toEqual(reference);
    const { items } = await world().hub.client.list(builtin.ConfigMap, { namespace: LATTICE });
    expect(items.filter(({ metadata }) => metadata.name.includes('secret'))).toEqual([]);
    expect((await world().ask(controlSubject.configDel(LATTICE, 'SECRET_db'))).success).toBe(true);
    expect((await world().ask(controlSubject.configGet(LATTICE, 'SECRET_db'))).message).toBe('Configuration not found');
  });

  test('the claims that legacy hosts keep are told', async () => {
    const bucket = await openBucket(world().tool, latticeBucket(LATTICE), { timeoutMs: 5_000 });
    const claims = {
      call_alias: '',
      issuer: 'AB',
      name: 'n',
      revision: '1',
      subject: 'MX',
      tags: ['a', 'b'],
      version: '2',
    };
    await bucket.put('CLAIMS_MX', encodeJson(claims));
    await bucket.put('CLAIMS_BAD', Uint8Array.of(1));
    expect((await world().ask(controlSubject.claimsGet(LATTICE))).response).toEqual([
      {
        call_alias: '',
        iss: 'AB',
        issuer: 'AB',
        name: 'n',
        rev: '1',
        revision: '1',
        sub: 'MX',
        subject: 'MX',
        tags: 'a,b',
        version: '2',
      },
    ]);
  });
});
