import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { expect, it } from 'vitest';
import { differences } from '../differences.ts';
import { startEmbedded } from '../servers/embedded.ts';
import { type Told, transcript } from './transcript.ts';

const assets = presentAssets();
if (assets === undefined) process.stderr.write('not run: the transcript of the pinned kubectl (tools/kube-assets)\n');

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/kubectl.json'), 'utf8')) as readonly Told[];

it.skipIf(assets === undefined)(
  'kubectl prints the same against the embedded server as against the real one',
  async () => {
    const server = await startEmbedded();
    try {
      const told = await transcript(join(assets ?? '', 'kubectl'), server);
      const isOpen = ({ command }: Told): boolean => differences.has(`kubectl: ${command}`);
      expect(told.filter((each) => !isOpen(each))).toEqual(golden.filter((each) => !isOpen(each)));
    } finally {
      await server.close();
    }
  },
  600_000,
);
