import { builtin, labels, WasmCloudActor, WasmCloudLink } from '@kasmcloud/kube-api';
import { connectLattice } from '@kasmcloud/lattice';
import { createLogger } from '@kasmcloud/observe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, get, Hosts, image, LATTICE } from '../host.fixture.ts';

const lines: string[] = [];
const log = createLogger({ service: 'host', level: 'trace', destination: { write: (line) => lines.push(line) } });
const hosts = await Hosts.start({ KASMCLOUD_LOG_LEVEL: 'debug' }, log);
const { server, actor, provider, link, httpLink, readyOf, secret, grantSecrets, grantSecretsTo } = hosts;
/** Hears every message of the lattice. */
const spy = await connectLattice({ servers: hosts.nats.url, name: 'spy' });
const heard: Buffer[] = [];
spy.subscribe('>', ({ subject, data }) =>
  heard.push(Buffer.concat([Buffer.from(`${subject}\n`), data, Buffer.from('\n')])),
);
afterAll(async () => {
  await spy.close();
  await hosts.close();
});

const keeper = image('test/fixtures/components/keeper.wasm');
const keyvalue = { witNamespace: 'wasi', witPackage: 'keyvalue', interfaces: ['store'] };
const sumOf = (value: Uint8Array): number => value.reduce((sum, byte) => sum + byte, 0);
const secretText = 'correct horse battery staple';
const secretBytes = Uint8Array.of(0xff, 0xfe, 7, 0x80);

beforeAll(async () => {
  await grantSecrets('passwords', 'more', 'late');
  await provider('http', 'host-a');
});

test('an actor chooses among its links by name, for one call', async () => {
  await actor('chooser', { image: keeper });
  const port = await httpLink('http', 'chooser');
  await provider('first', 'host-a', 'wasmcloud+builtin://keyvalue-memory');
  await provider('second', 'host-b', 'wasmcloud+builtin://keyvalue-memory');
  await link('chooser-first', { source: 'chooser', target: 'first', ...keyvalue });
  await link('chooser-second', { source: 'chooser', target: 'second', name: 'other', ...keyvalue });
  await eventually(async () => expect(await get(port, '/link//one')).toMatch(/^200 before: (nothing|one)/));
  await eventually(async () => expect(await get(port, '/link/other/two')).toMatch(/^200 before: (nothing|two)/));
  expect(await get(port, '/link/other/three')).toBe('200 before: two');
  // The choice was that call's.
  expect(await get(port, '/link//four')).toBe('200 before: one');
  expect(await get(port, '/link/default/five')).toBe('200 before: four');
  expect(await get(port, '/link/no-such/six')).toBe(
    '200 refused: chooser has no link "no-such" for wasi:keyvalue/store',
  );
});

test('an actor gets its secrets and no others, and they are neither in logs nor on NATS', async () => {
  await secret('passwords', { db: secretText, raw: secretBytes, both: 'of passwords' });
  await secret('more', { both: secretText });
  await secret('foreign', { key: 'of somebody else' });
  await actor('trusted', { image: keeper, secrets: ['passwords', 'more'] });
  const port = await httpLink('http', 'trusted');
  const text = Buffer.from(secretText);
  await eventually(async () =>
    expect(await get(port, '/secret/db')).toBe(`200 text, ${text.length} long, sum ${sumOf(text)}`),
  );
  expect(await get(port, '/secret/raw')).toBe(`200 bytes, 4 long, sum ${sumOf(secretBytes)}`);
  expect(await get(port, '/secret/both')).toBe(`200 text, ${text.length} long, sum ${sumOf(text)}`);
  expect(await get(port, '/secret/key')).toBe('200 not found');
  await spy.flush({ timeoutMs: 5_000 });
  const wire = Buffer.concat(heard);
  const written = lines.join('');
  // Both are known to hear and to be written to.
  expect(wire.includes('shop')).toBe(true);
  expect(written).toContain('host');
  for (const form of [
    secretText,
    text.toString('base64'),
    text.toString('hex'),
    Buffer.from(secretBytes).toString('base64'),
  ]) {
    expect(wire.includes(form)).toBe(false);
    expect(written).not.toContain(form);
  }
  const status = JSON.stringify(await server.client.get(WasmCloudActor, 'trusted', LATTICE));
  expect(status).not.toContain(secretText);
});

test('a Secret that the account of the lattice may not get is refused by name, and one that is missing is awaited', async () => {
  await actor('curious', { image: keeper, secrets: ['foreign'] });
  await eventually(async () =>
    expect(await readyOf(WasmCloudActor, 'curious')).toMatchObject({
      status: 'False',
      reason: 'SecretRefused',
      message: expect.stringMatching(/Secret shop\/foreign is not read.*kasmcloud-lattice/) as string,
    }),
  );
  await actor('patient', { image: keeper, secrets: ['late'] });
  await eventually(async () => expect((await readyOf(WasmCloudActor, 'patient'))?.reason).toBe('SecretMissing'));
  await secret('late', { db: 'here' });
  await eventually(async () => expect((await readyOf(WasmCloudActor, 'patient'))?.reason).toBe('Running'));
});

test('an actor gets the secrets of its ends of links, and its own before them', async () => {
  await secret('of-link', { linked: 'from a link', db: 'from a link' });
  await grantSecrets('of-link');
  await actor('end', { image: keeper, secrets: ['passwords'] });
  const port = await httpLink('http', 'end');
  await provider('third', 'host-a', 'wasmcloud+builtin://keyvalue-memory');
  await link('end-third', { source: 'end', target: 'third', ...keyvalue, sourceSecrets: ['of-link'] });
  await eventually(async () => expect(await get(port, '/secret/linked')).toMatch(/^200 text, 11 long/));
  expect(await get(port, '/secret/db')).toBe(
    `200 text, ${secretText.length} long, sum ${sumOf(Buffer.from(secretText))}`,
  );
  const patch = { spec: { sourceSecrets: null, targetSecrets: ['of-link'] } };
  await server.client.patch(WasmCloudLink, 'end-third', LATTICE, patch, { type: 'merge' });
  await eventually(async () => expect(await get(port, '/secret/linked')).toBe('200 not found'));
});

test('the account that is named beside a Secret is looked at, and told when it is not there or may not', async () => {
  await secret('guarded', { db: secretText });
  const secretAccounts = { guarded: 'reader' };
  await actor('guest', { image: keeper, secrets: ['guarded'], secretAccounts });
  const port = await httpLink('http', 'guest');
  const refusedWith = (message: RegExp): Promise<void> =>
    eventually(async () =>
      expect(await readyOf(WasmCloudActor, 'guest')).toMatchObject({
        reason: 'SecretRefused',
        message: expect.stringMatching(message) as string,
      }),
    );
  await refusedWith(/ServiceAccount shop\/reader does not exist/);
  await server.client.create(builtin.ServiceAccount, { metadata: { name: 'reader', namespace: LATTICE } });
  await refusedWith(/ServiceAccount shop\/reader may not get it/);
  await grantSecretsTo('reader', 'guarded');
  await eventually(async () => expect(await get(port, '/secret/db')).toMatch(/^200 text/));
  // Another's right is not one's own.
  await actor('other-guest', { image: keeper, secrets: ['guarded'] });
  await eventually(async () => expect((await readyOf(WasmCloudActor, 'other-guest'))?.reason).toBe('SecretRefused'));
});

test('what the scheduler carried was reviewed on the hub', async () => {
  await secret('copy', { db: secretText }, { [labels.carried]: 'Links' });
  await actor('carried', { image: keeper, secrets: ['copy'] });
  const port = await httpLink('http', 'carried');
  await eventually(async () => expect(await get(port, '/secret/db')).toMatch(/^200 text/));
});

test('lines of an actor are written at its levels', async () => {
  await actor('talker', { image: keeper });
  const port = await httpLink('http', 'talker');
  await eventually(async () => expect(await get(port, '/log/5/critical-line')).toBe('200 logged'));
  const levels = ['trace', 'debug', 'info', 'warn', 'error'];
  for (const [level, name] of levels.entries())
    expect(await get(port, `/log/${level}/${name}-line`)).toBe('200 logged');
  const written = (): Record<string, unknown>[] =>
    lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ actor: id }) => id === 'talker');
  await eventually(async () => expect(written().map(({ guest }) => guest)).toContain('error-line'));
  expect(written().find(({ guest }) => guest === 'critical-line')).toMatchObject({
    level: 'error',
    critical: true,
    context: 'keeper',
    lattice: LATTICE,
    msg: 'actor log',
  });
  for (const name of levels.slice(1)) {
    expect(written().find(({ guest }) => guest === `${name}-line`)).toMatchObject({ level: name });
  }
  // Below the host's own level.
  expect(written().map(({ guest }) => guest)).not.toContain('trace-line');
});

test('an actor with a link to no store is told which link is missing', async () => {
  await actor('alone', { image: keeper });
  const port = await httpLink('http', 'alone');
  await eventually(async () => expect(await get(port, '/log/2/here')).toBe('200 logged'));
  expect(await get(port, '/link//x')).toMatch(/^500/);
  const wanted =
    'a WasmCloudLink is missing with source alone, witNamespace wasi, witPackage keyvalue, interfaces [store]';
  await eventually(async () => expect(lines.join('')).toContain(wanted));
});
