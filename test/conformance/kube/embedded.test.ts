import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { suites } from './cases/index.ts';
import { differences } from './differences.ts';
import { readGolden } from './golden.ts';
import { runCase } from './run.ts';
import { startEmbedded } from './servers/embedded.ts';
import type { KubeServerUnderTest } from './servers/server.ts';

let server: KubeServerUnderTest;
beforeAll(async () => {
  server = await startEmbedded();
});
afterAll(() => server.close());

/**
 * The embedded API server answers as the real one did when the golden files were recorded. A case in which it is known not to
 * counts as skipped; when it comes to agree, it fails until it is taken out of the list.
 */
describe.each(suites)('embedded: $name', ({ name: suite, cases }) => {
  const golden = readGolden(suite);
  it.concurrent.for(cases)('$name', async (given, context) => {
    const recorded = golden[given.name];
    expect(recorded, `no recorded answers: run node test/conformance/kube/record.ts ${suite}`).toBeDefined();
    const answers = await runCase(server, given);
    const reason = differences.get(`${suite}: ${given.name}`);
    const agrees = isDeepStrictEqual(answers, recorded);
    expect(reason !== undefined && agrees, 'the servers agree now: take the case out of differences.json').toBe(false);
    if (reason !== undefined) context.skip(`differs: ${reason}`);
    expect(answers).toEqual(recorded);
  });
});

it('names only cases that exist as differences', () => {
  const names = new Set(suites.flatMap(({ name, cases }) => cases.map((each) => `${name}: ${each.name}`)));
  const unknown = [...differences.keys()].filter((name) => !names.has(name) && !name.startsWith('kubectl: '));
  expect(unknown).toEqual([]);
});
