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

/** The embedded API server answers as the real one did when the golden files were recorded. */
describe.each(suites)('embedded: $name', ({ name: suite, cases }) => {
  const golden = readGolden(suite);
  it.concurrent.each(cases)('$name', async (given) => {
    const recorded = golden[given.name];
    expect(recorded, `no recorded answers: run node test/conformance/kube/record.ts ${suite}`).toBeDefined();
    const answers = await runCase(server, given);
    const isEqual = isDeepStrictEqual(answers, recorded);
    const isKnown = differences.has(`${suite}: ${given.name}`);
    expect(isKnown && isEqual, 'the servers agree now: take the case out of differences.json').toBe(false);
    expect(isKnown ? recorded : answers).toEqual(recorded);
  });
});

it('names only cases that exist as differences', () => {
  const names = new Set(suites.flatMap(({ name, cases }) => cases.map((each) => `${name}: ${each.name}`)));
  const unknown = [...differences.keys()].filter((name) => !names.has(name) && !name.startsWith('kubectl: '));
  expect(unknown).toEqual([]);
});
