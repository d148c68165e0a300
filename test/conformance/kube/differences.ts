import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Cases (`suite: case`) in which the embedded server does not answer as the real one, and why: `open` where it should,
 * else the heading of docs/apiserver.md that justifies it.
 */
export const differences = new Map(
  Object.entries(
    JSON.parse(readFileSync(join(import.meta.dirname, 'differences.json'), 'utf8')) as Readonly<Record<string, string>>,
  ),
);
