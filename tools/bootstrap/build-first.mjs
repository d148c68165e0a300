import { buildStale } from './build.mjs';
import { root } from './install.mjs';

/** Global set-up of tests that start apps as programs, for whoever runs them by themselves. */
export default async function buildFirst() {
  await buildStale(root);
}
