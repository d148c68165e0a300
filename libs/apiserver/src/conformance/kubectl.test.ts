import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, crontab, crontabs, kubectlMissing } from './harness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start();
});
afterAll(() => cluster.close());

/** Runs kubectl and expects it to succeed; returns what it printed. */
async function kubectl(line: string, stdin?: object): Promise<string> {
  const { code, out, err } = await run(line, stdin);
  expect({ line, code, err }).toMatchObject({ code: 0 });
  return out;
}

const run = (line: string, stdin?: object): Promise<{ code: number; out: string; err: string }> =>
  cluster.kubectl(line.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [], {
    stdin: JSON.stringify(stdin) ?? '',
  });

const configMap = (data: object): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cm' }, data });

describe.skipIf(kubectlMissing())('kubectl', () => {
  test('finds its way: version, health, api-resources', async () => {
    expect(await kubectl('version')).toContain('Server Version: v1.36');
    expect(await kubectl('get --raw /readyz')).toBe('ok');
    const resources = await kubectl('api-resources --no-headers');
    expect(resources).toMatch(/^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m);
  });

  test('creates built-in kinds, which it sends as protobuf', async () => {
    await kubectl('create namespace made');
    await kubectl('-n made create configmap c --from-literal=a=1');
    await kubectl('-n made create secret generic s --from-literal=p=q');
    await kubectl('-n made create serviceaccount robot');
    await kubectl('-n made create role r --verb=get --resource=pods');
    await kubectl('-n made create rolebinding b --role=r --serviceaccount=made:robot');
    await kubectl('-n made create deployment d --image=nginx --port=80 --replicas=2');
    expect(await kubectl('-n made create token robot')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n?$/);
    expect(await kubectl('-n made get configmap c -o jsonpath={.data.a}')).toBe('1');
    expect(await kubectl('-n made get secret s -o jsonpath={.data.p}')).toBe('cQ==');
    expect(await kubectl('-n made get deployments')).toMatch(/^d\s+0\/2\s+0\s+0\s+\d+s$/m);
    await kubectl('delete namespace made --timeout=10s');
    expect((await run('get namespace made')).err).toContain(
      'Error from server (NotFound): namespaces "made" not found',
    );
  });

  test('applies from the client side', async () => {
    expect(await kubectl('apply -f -', configMap({ a: '1', b: '2' }))).toBe('configmap/cm created\n');
    expect(await kubectl('apply -f -', configMap({ a: '1', b: '2' }))).toBe('configmap/cm unchanged\n');
    expect(await kubectl('apply -f -', configMap({ a: '3' }))).toBe('configmap/cm configured\n');
    expect(await kubectl('get cm cm -o jsonpath={.data}')).toBe('{"a":"3"}');
    expect(await kubectl('diff -f -', configMap({ a: '3' }))).toBe('');
    // Later ones name the namespace.
    expect(await kubectl('delete -f -', configMap({}))).toMatch(/^configmap "cm" deleted( from default namespace)?\n$/);
  });

  test('works on custom resources', async () => {
    await kubectl('apply -f -', crontabs);
    await kubectl('wait --for=condition=Established crd/crontabs.stable.example.com --timeout=5s');
    expect(await kubectl('apply -f -', crontab('one'))).toBe('crontab.stable.example.com/one created\n');
    expect(await kubectl('apply -f -', crontab('one', { color: 'blue' }))).toContain('configured');
    expect(await kubectl('get ct')).toMatch(/^NAME\s+COLOR\none\s+blue$/m);
    expect(await kubectl('get ct -o wide')).toMatch(/^one\s+blue\s+2$/m);
    expect(await kubectl('get all')).toContain('crontab.stable.example.com/one');
    expect(await kubectl('scale ct one --replicas=5')).toBe('crontab.stable.example.com/one scaled\n');
    expect(
      await kubectl('patch ct one --type=json -p \'[{"op":"replace","path":"/spec/color","value":"green"}]\''),
    ).toContain('patched');
    await kubectl('label ct one tier=web');
    await kubectl('annotate ct one note=x');
    expect(await kubectl('get ct -A -l tier=web --field-selector spec.color=green -o name')).toBe(
      'crontab.stable.example.com/one\n',
    );
    expect(await kubectl('get ct --field-selector spec.color=red -o name')).toBe('');
    await kubectl(
      'patch ct one --subresource=status --type=merge -p \'{"status":{"conditions":[{"type":"Ready","status":"True"}]}}\'',
    );
    await kubectl('wait --for=condition=Ready ct/one --timeout=5s');
    expect(await kubectl('describe ct one')).toMatch(/Replicas:\s+5[\s\S]+Events:\s+<none>/);
    expect(await kubectl('explain crontabs.spec.color')).toContain('What it looks like.');
    const refused = await run('apply -f -', crontab('one', { color: 'much too long' }));
    expect(refused.err).toContain('The CronTab "one" is invalid: spec.color: Too long: may not be more than 10 bytes');
    const unknown = await run('apply -f -', crontab('two', { color: 'red', colour: 'x' }));
    expect(unknown.err).toContain('strict decoding error: unknown field "spec.colour"');
    expect(await kubectl('delete ct one')).toContain('deleted');
    await kubectl('wait --for=delete ct/one --timeout=5s');
  });

  test('applies from the server side, and prints conflicts', async () => {
    await kubectl('apply --server-side --field-manager=first -f -', configMap({ a: '1' }));
    const conflict = await run('apply --server-side --field-manager=second -f -', configMap({ a: '2' }));
    expect(conflict.err).toContain('Apply failed with 1 conflict: conflict with "first": .data.a');
    await kubectl('apply --server-side --field-manager=second --force-conflicts -f -', configMap({ a: '2' }));
    const managed = await kubectl('get cm cm -o yaml --show-managed-fields');
    expect(managed).toContain('manager: second');
    await kubectl('replace -f -', configMap({ z: '1' }));
    await kubectl('delete cm cm --cascade=foreground');
  });

  test('tells what a user may do', async () => {
    expect(await kubectl('auth can-i delete pods')).toBe('yes\n');
    expect((await run('auth can-i delete pods --as=nobody')).out).toBe('no\n');
    expect(await kubectl('auth whoami')).toContain('kubernetes-admin');
    expect((await run('get secrets --as=nobody')).err).toContain(
      'Error from server (Forbidden): secrets is forbidden: User "nobody" cannot list resource "secrets" in API group "" in the namespace "default"',
    );
  });
});
