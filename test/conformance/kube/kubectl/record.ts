/** Writes golden/kubectl.json: what the pinned kubectl prints against a real kube-apiserver. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { startReal } from '../servers/real.ts';
import { transcript } from './transcript.ts';

const assets = presentAssets();
if (assets === undefined) throw new Error('there is no kube-apiserver: run tools/kube-assets first');
const real = await startReal(assets);
try {
  const told = await transcript(join(assets, 'kubectl'), real);
  await writeFile(join(import.meta.dirname, '../golden/kubectl.json'), `${JSON.stringify(told, undefined, 2)}\n`);
  process.stderr.write(`${told.length} commands recorded\n`);
} finally {
  await real.close();
}
