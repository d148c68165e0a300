import { readFile } from 'node:fs/promises';
import { WasmCloudDistribution } from '@kasmcloud/kube-api';
import { parseManifests, validateWith } from '@kasmcloud/manifest';
import { readDistribution } from '@kasmcloud/placement';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readPolicy } from '../rollout/policy.ts';

test('the example is one of pods, with nothing to refuse', async () => {
  const file = new URL('../../../../examples/pods/distribution.yaml', import.meta.url);
  const { documents, problems } = parseManifests(await readFile(file), { file: 'distribution.yaml' });
  expect(problems).toEqual([]);
  const [valid] = documents.map((one) => validateWith(one, z.object({ spec: WasmCloudDistribution.spec })));
  if (valid?.kind !== 'valid') throw new Error(`not valid: ${JSON.stringify(valid)}`);
  const { spec } = valid.value;
  const facts = { namespace: 'shop', name: 'counter', revision: 'r', current: [] };
  expect(readDistribution(spec, facts)).toMatchObject({ inPods: true, replicas: 8, refused: [], unsupported: [] });
  expect(readPolicy(spec.rollout).stages).toMatchObject([{ name: 'canary', pauseMs: 300_000 }, { name: 'rest' }]);
});
