import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

test.for([
  'examples/hello',
  'examples/two-stacks',
  'examples/provider-node',
  'examples/two-hosts',
  'test/fixtures/components',
  'libs/wasm/src/rehearsal',
])('the components in %s are what their sources build', async (folder) => {
  const script = fileURLToPath(new URL(`../../../${folder}/build.mjs`, import.meta.url));
  const { stdout } = await run(process.execPath, [script, '--check']);
  // Without that compiler the script says so; a difference is an exit code, hence a rejection.
  for (const line of stdout.trim().split('\n')) expect(line).toMatch(/^not run: |, unchanged$/);
});
