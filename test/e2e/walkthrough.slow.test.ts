import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { kubectlPath } from './kubectl.ts';
import { walk, walkthroughFile } from './walkthrough.ts';

test.skipIf(kubectlPath === undefined)('docs/walkthrough.md is what a real instance prints', async () => {
  expect(await walk()).toBe(await readFile(walkthroughFile, 'utf8'));
});
