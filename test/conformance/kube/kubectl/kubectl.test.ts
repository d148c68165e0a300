import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { beforeAll, describe, expect, it } from 'vitest';
import { differences } from '../differences.ts';
import { startEmbedded } from '../servers/embedded.ts';
import { type Told, transcript } from './transcript.ts';

const assets = presentAssets();
if (assets === undefined) process.stderr.write('not run: the transcript of the pinned kubectl (tools/kube-assets)\n');

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/kubectl.json'), 'utf8')) as readonly Told[];
const steps = golden.map((recorded, index) => ({ index, recorded, command: recorded.command }));

/** kubectl prints the same against the embedded server as against the real one. */
describe.skipIf(assets === undefined)('kubectl', () => {
  let told: readonly Told[] = [];
  beforeAll(async () => {
    const server = await startEmbedded();
    try {
      told = await transcript(join(assets ?? '', 'kubectl'), server);
    } finally {
      await server.close();
    }
  }, 600_000);

  it('runs the commands that were recorded', () => {
    expect(told.map(({ command }) => command)).toEqual(golden.map(({ command }) => command));
  });

  it.for(steps)('$index: $command', ({ index, command, recorded }, context) => {
    const reason = differences.get(`kubectl: ${command}`);
    if (reason !== undefined) context.skip(`differs: ${reason}`);
    expect(told[index]).toEqual(recorded);
  });
});
