/**
 * Writes the golden files: the answers of a real kube-apiserver. Arguments are names of suites; all of them without.
 * `node test/conformance/kube/record.ts [suite…]`; needs the programs of `tools/kube-assets`.
 */
import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { suites } from './cases/index.ts';
import { writeGolden } from './golden.ts';
import { runSuite } from './run.ts';
import { startReal } from './servers/real.ts';

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const assets = presentAssets();
if (assets === undefined) throw new Error('there is no kube-apiserver: run tools/kube-assets first');

const wanted = process.argv.slice(2);
const real = await startReal(assets);
try {
  for (const suite of suites.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    if (suite.controllers === true && !real.hasControllers) {
      tell(`${suite.name}: not recorded, the assets hold no kube-controller-manager`);
      continue;
    }
    const start = performance.now();
    await writeGolden(suite.name, await runSuite(real, suite));
    tell(`${suite.name}: ${suite.cases.length} cases recorded in ${Math.round(performance.now() - start)} ms`);
  }
} finally {
  await real.close();
}
