#!/usr/bin/env node
/** `npm start`: installs what is missing, then tells the story of a commit that becomes running actors. */
import { install, root } from './install.mjs';
import { runKasm } from './run-kasm.mjs';
import { runMain } from './steps.mjs';

await runMain(async () => {
  const installMs = await install();
  const args = ['up', '--demo', ...process.argv.slice(2)];
  return runKasm(root, args, { ...process.env, KASMCLOUD_INSTALL_MS: String(installMs) });
});
