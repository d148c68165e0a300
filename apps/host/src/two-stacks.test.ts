import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  builtin,
  WasmCloudActor,
  WasmCloudLink,
  WasmCloudProvider,
  type Kind,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { freePort, startRedis } from '@kasmcloud/testing';
import { afterAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { eventually, get, Hosts, image } from './host.fixture.ts';

const folder = join(import.meta.dirname, '../../../examples/two-stacks');
const [hosts, redis, port] = await Promise.all([Hosts.start(), startRedis(), freePort()]);
afterAll(async () => {
  await Promise.all([hosts.close(), redis.close()]);
});

const kinds: Readonly<Record<string, Kind>> = {
  Namespace: builtin.Namespace,
  ConfigMap: builtin.ConfigMap,
  WasmCloudActor,
  WasmCloudLink,
  WasmCloudProvider,
};

/** What `kubectl apply -f` does with a file of the example, once its placeholders are filled in. */
async function apply(file: string): Promise<void> {
  const text = (await readFile(join(folder, file), 'utf8'))
    .replaceAll('file:///examples/', `${image('examples')}/`)
    .replaceAll('my-host', 'host-a')
    .replaceAll('0.0.0.0:8080', `0.0.0.0:${port}`)
    .replaceAll('redis://127.0.0.1:6379', redis.url);
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as KubeObject & { readonly kind: string };
    const kind = kinds[object.kind];
    if (kind === undefined) throw new Error(`${file} has a ${object.kind}`);
    await hosts.server.client.apply(kind, object, { fieldManager: 'kubectl', force: true });
  }
}

test('an actor runs on one stack and then on another: a link and its config are all that changes', async () => {
  await apply('app.yaml');
  await apply('development.yaml');
  await eventually(async () => expect(await get(port, '/Ada')).toMatch(/^200 Ada: 1 visit, before: nobody/));
  expect(await get(port, '/Bob')).toBe('200 Bob: 1 visit, before: Ada');
  const actor = await hosts.server.client.get(WasmCloudActor, 'visits', 'visits');

  const answers: string[] = [];
  const stop = new AbortController();
  const asking = (async () => {
    while (!stop.signal.aborted) answers.push(await get(port, '/steady'));
  })();
  for (const stack of ['production-nats.yaml', 'production-redis.yaml']) {
    const steady = answers.length;
    await apply(stack);
    // A store of its own, so it begins anew.
    await eventually(async () => expect(answers.slice(steady).join()).toMatch(/steady: 1 visit, before/));
  }

  await apply('development.yaml');
  await eventually(async () => expect(await get(port, '/Ada')).toMatch(/^200 Ada: 2 visits, before: (steady|Bob)/));
  stop.abort();
  await asking;
  expect(answers.filter((answer) => !answer.startsWith('200 steady: '))).toEqual([]);
  const after = await hosts.server.client.get(WasmCloudActor, 'visits', 'visits');
  expect(after.metadata.generation).toBe(actor.metadata.generation);
});
