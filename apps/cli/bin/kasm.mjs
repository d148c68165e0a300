#!/usr/bin/env node
/** `kasm`, as it is called from a clone: runs on Node 20, builds what is stale, and goes on with Node 26. */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runKasm } from '../../../tools/bootstrap/run-kasm.mjs';
import { runMain } from '../../../tools/bootstrap/steps.mjs';

const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..', '..', '..');
await runMain(async () => runKasm(root, process.argv.slice(2)));
