import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { suites } from './cases/index.ts';
import { readGolden } from './golden.ts';
import { runCase } from './run.ts';
import { startReal } from './servers/real.ts';
import type { KubeServerUnderTest } from './servers/server.ts';

const assets = presentAssets();
if (assets === undefined) {
  process.stderr.write('not run: the real half of the suite, which needs the programs of tools/kube-assets\n');
}

/** A real kube-apiserver still answers as it did when the golden files were recorded. */
describe.skipIf(assets === undefined)('real', () => {
  let server: KubeServerUnderTest;
  beforeAll(async () => {
    server = await startReal(assets ?? '');
  }, 300_000);
  afterAll(() => server.close());

  describe.each(suites)('real: $name', ({ name: suite, cases, controllers }) => {
    const golden = readGolden(suite);
    it.concurrent.for(cases)('$name', async (given, context) => {
      if (controllers === true && !server.hasControllers) context.skip('not run: no kube-controller-manager');
      expect(await runCase(server, given)).toEqual(golden[given.name]);
    });
  });
});
