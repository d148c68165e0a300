import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectLattice } from '@kasmcloud/lattice';
import { startNats } from '@kasmcloud/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../e2e/kasm.ts';
import { kubectlPath } from '../e2e/kubectl.ts';
import { hostsOf, LegacyHost } from './legacy-host.ts';
import { firstGreeting, type Masks } from './mask.ts';
import { peers } from './peers.ts';
import { applicationSession, controlSession, imageFolder } from './sessions.ts';
import { Transcript } from './transcript.ts';
import { startWadm } from './wadm.ts';
import { Wash } from './wash.ts';
import { InteropWorld, lattices, type LatticeName } from './world.ts';

const { wash = '', host, wadm } = peers;

const masks: Masks = [
  [imageFolder, 'IMAGES'],
  [imageFolder.replace('file://', ''), 'IMAGES'],
  [/\b[a-z]+-[a-z]+-\d{4}\b|\b[a-z]{2}-1-host-1\b/g, '<name>'],
  [/(\bN[A-Z2-7]{55}\s+<name>\s+)\d+/g, '$1<seconds>'],
  [/\/\S*\/greetings\.yaml/g, 'greetings.yaml'],
  firstGreeting,
];

const kept = (name: string): string => join(import.meta.dirname, 'transcripts', `${name}.txt`);

/** The manifest with the images of this clone, as a file. */
async function manifestIn(folder: string): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'manifests', 'greetings.yaml'), 'utf8');
  const path = join(folder, 'greetings.yaml');
  await writeFile(path, text.replaceAll('IMAGES', imageFolder));
  return path;
}

describe.skipIf(wash === '' || kubectlPath === undefined)('wash in a lattice of KasmCloud', () => {
  let world: InteropWorld;
  beforeAll(async () => {
    world = await InteropWorld.start({ wash, host });
  });
  afterAll(async () => world.close());

  async function control(lattice: LatticeName, hostId: string | undefined): Promise<string> {
    if (hostId === undefined) throw new TypeError(`no such host answers in ${lattice}`);
    const transcript = new Transcript(world.washIn(lattice), masks);
    await controlSession(transcript, hostId);
    return transcript.text;
  }

  async function ourHost(lattice: LatticeName): Promise<string | undefined> {
    const named = async (): Promise<string | undefined> =>
      (await hostsOf(world.connection, lattices[lattice])).find(({ friendly_name: name }) => name.endsWith('-host-1'))
        ?.id;
    return vi.waitUntil(named, { timeout: 30_000, interval: 500 });
  }

  async function applications(lattice: LatticeName): Promise<string> {
    await using folder = await temporaryFolder();
    const transcript = new Transcript(world.washIn(lattice), masks);
    await applicationSession(transcript, await manifestIn(folder.path));
    return transcript.text;
  }

  test('control of a KasmCloud host', async () => {
    await expect(await control('native', await ourHost('native'))).toMatchFileSnapshot(kept('control-native'));
  });

  test('applications on KasmCloud hosts', async () => {
    await expect(await applications('native')).toMatchFileSnapshot(kept('app-native'));
  });

  describe.skipIf(host === undefined)('with wasmCloud hosts', () => {
    test('control of a wasmCloud host', async () => {
      const id = world.legacyHosts.get('legacy')?.id;
      await expect(await control('legacy', id)).toMatchFileSnapshot(kept('control-legacy'));
    });

    test('control of a KasmCloud host beside a wasmCloud host', async () => {
      await expect(await control('mixed', await ourHost('mixed'))).toMatchFileSnapshot(kept('control-mixed-native'));
    });

    test('control of a wasmCloud host beside a KasmCloud host', async () => {
      const id = world.legacyHosts.get('mixed')?.id;
      await expect(await control('mixed', id)).toMatchFileSnapshot(kept('control-mixed-legacy'));
    });

    test('applications on wasmCloud hosts', async () => {
      await expect(await applications('legacy')).toMatchFileSnapshot(kept('app-legacy'));
    });

    test('applications over both kinds of hosts', async () => {
      await expect(await applications('mixed')).toMatchFileSnapshot(kept('app-mixed'));
    });
  });
});

/** What wash says where there is no KasmCloud: what all the others are held against. */
describe.skipIf(wash === '' || host === undefined)('wash in a lattice without KasmCloud', () => {
  test('control, and applications where there is a wadm', async () => {
    await using folder = await temporaryFolder();
    const nats = await startNats({ jetstream: true });
    const connection = await connectLattice({ servers: nats.url, name: 'interop' });
    const started = await LegacyHost.start(connection, {
      program: host ?? '',
      natsPort: nats.port,
      lattice: 'default',
      labels: { zone: 'old' },
    });
    const server = wadm === undefined ? undefined : await startWadm(wadm, nats, connection);
    try {
      const shell = new Wash({ program: wash, home: folder.path, natsPort: nats.port, lattice: 'default' });
      const control = new Transcript(shell, masks);
      await controlSession(control, started.id);
      await expect(control.text).toMatchFileSnapshot(kept('control-alone'));
      if (server === undefined) return;
      const applications = new Transcript(shell, masks);
      await applicationSession(applications, await manifestIn(folder.path));
      await expect(applications.text).toMatchFileSnapshot(kept('app-alone'));
    } finally {
      await server?.stop();
      await started.stop();
      await connection.close();
      await nats.close();
    }
  });
});
