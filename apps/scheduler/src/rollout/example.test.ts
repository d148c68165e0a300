import { readFile } from 'node:fs/promises';
import { WasmCloudDistribution } from '@kasmcloud/kube-api';
import { parseManifests, validateWith } from '@kasmcloud/manifest';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readPolicy } from './policy.ts';

test('the example says what its comments say', async () => {
  const file = new URL('../../../../examples/rollout/distribution.yaml', import.meta.url);
  const { documents, problems } = parseManifests(await readFile(file), { file: 'distribution.yaml' });
  expect(problems).toEqual([]);
  const valid = documents.map((one) => validateWith(one, z.object({ spec: WasmCloudDistribution.spec })));
  expect(valid).toMatchObject([{ kind: 'valid' }]);
  const [first] = valid;
  expect(first?.kind === 'valid' && readPolicy(first.value.spec.rollout)).toMatchObject({
    maxUnavailable: { kind: 'count', units: 1 },
    minReadyMs: 10_000,
    progressDeadlineMs: 120_000,
    autoRevert: true,
    stages: [
      { name: 'canary', pauseMs: 300_000, needsApproval: false },
      { name: 'rest', needsApproval: true },
    ],
  });
});
