import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { connectLattice, invoke, PeerTrapError, sealedLink, serve, type WishedLink } from '@kasmcloud/lattice';
import { startNats } from '@kasmcloud/testing';
import { encodeJson, providerLinkKey, providerSubject, wrpcHeader, type ProviderLink } from '@kasmcloud/wire';
import type { FuncType, WitType } from '@kasmcloud/wrpc';
import { afterAll, expect, test, vi } from 'vitest';
import { healthOf, HOST, LATTICE, LaunchedProvider } from './launched-provider.fixture.ts';

vi.setConfig({ testTimeout: 120_000 });

const fixtures = join(import.meta.dirname, '../../../test/fixtures/providers');
const nats = await startNats();
const connection = await connectLattice({ servers: nats.url, name: 'test' });
const launched: LaunchedProvider[] = [];
afterAll(async () => {
  await Promise.all(launched.map((one) => one.kill()));
  await connection.close();
  await nats.close();
});

function launch(program: string, id: string, links: readonly WishedLink[], config = {}): LaunchedProvider {
  const wish = { config, links: new Map(links.map((one) => [providerLinkKey(one.link), one])) };
  const command = [process.execPath, join(fixtures, program)] as const;
  const provider = new LaunchedProvider({ command: [...command], id, natsUrl: nats.url, wish });
  launched.push(provider);
  return provider;
}

const linkOf = (source: string, target: string, more: Partial<ProviderLink> = {}): ProviderLink => ({
  source_id: source,
  target,
  name: 'default',
  wit_namespace: 'example',
  wit_package: 'greet',
  interfaces: ['greeter'],
  source_config: {},
  target_config: {},
  ...more,
});

const string: WitType = { kind: 'string' };
const greet: FuncType = { params: [{ name: 'name', type: string }], result: string };
const callFrom = (source: string, target: string): Promise<unknown> => {
  const address = { lattice: LATTICE, target, instance: 'example:greet/greeter@0.1.0', func: 'greet' };
  return invoke(connection, address, greet, ['Ada'], { timeoutMs: 10_000, headers: { [wrpcHeader.sourceId]: source } });
};
const publish = (subject: string, payload: object): void => connection.publish(subject, encodeJson(payload));

test('serves those who are linked to it, with the config and the sealed secrets of their links, until it is stopped', async () => {
  const password = { kind: 'String', value: 'open sesame' } as const;
  const actor = { link: linkOf('actor', 'echo'), targetSecrets: { password } };
  const provider = launch('echo.mjs', 'echo', [actor], { mood: 'merry' });
  expect(await healthOf(connection, provider.keys.provider.publicKey)).toEqual({ healthy: true, message: 'merry' });
  expect(await healthOf(connection, 'echo')).toEqual({ healthy: true, message: 'merry' });
  expect(await callFrom('actor', 'echo')).toBe('hello Ada (merry, open sesame)');
  await expect(callFrom('stranger', 'echo')).rejects.toThrow(PeerTrapError);

  // A call that comes before its link waits for it.
  const early = callFrom('late', 'echo');
  const late = sealedLink({ link: linkOf('late', 'echo', { target_config: { greeting: 'hi' } }) }, provider.keys);
  publish(providerSubject.linkPut(LATTICE, provider.keys.provider.publicKey), late);
  expect(await early).toBe('hi Ada (merry, no secret)');

  publish(providerSubject.config(LATTICE, 'echo'), { mood: 'sad' });
  await vi.waitFor(async () => expect(await callFrom('late', 'echo')).toBe('hi Ada (sad, no secret)'), 20_000);
  publish(providerSubject.linkDelete(LATTICE, 'echo'), linkOf('late', 'echo'));
  await vi.waitFor(async () => expect(callFrom('late', 'echo')).rejects.toThrow(PeerTrapError), 20_000);

  // What is no message of a host changes nothing.
  connection.publish(providerSubject.linkDelete(LATTICE, 'echo'), Uint8Array.of(1, 2, 3));
  publish(providerSubject.config(LATTICE, 'echo'), { mood: 7 });
  publish(providerSubject.shutdown(LATTICE, 'echo'), { host_id: 'another' });
  expect(await callFrom('actor', 'echo')).toBe('hello Ada (sad, open sesame)');

  const stopping = encodeJson({ host_id: HOST });
  const answer = await connection.request(providerSubject.shutdown(LATTICE, 'echo'), stopping, { timeoutMs: 5_000 });
  expect(new TextDecoder().decode(answer.data)).toBe('shutting down');
  expect(await provider.exited()).toBe(0);
});

test('calls whoever is at the other end of its links', async () => {
  const type: FuncType = { ...greet, result: { kind: 'result', ok: string, err: string } };
  const served = serve(
    connection,
    { lattice: LATTICE, target: 'greeter', instance: 'example:greet/greeter@0.1.0', func: 'greet' },
    type,
    ([name], { sourceId }) =>
      name === 'nobody'
        ? { tag: 'err', val: 'no such person' }
        : { tag: 'ok', val: `hello ${String(name)}, ${sourceId}` },
  );
  const provider = launch('caller.mjs', 'caller', [{ link: linkOf('caller', 'greeter') }]);
  const answers = 'hello Ada, caller\nerror: no such person\nnot linked\n';
  await vi.waitFor(() => expect(provider.printed).toBe(answers), 60_000);
  served.close();
});

test('a program that no host started says so', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(fixtures, 'echo.mjs')], { input: '', encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('no host data on standard input');
});
