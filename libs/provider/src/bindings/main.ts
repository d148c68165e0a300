#!/usr/bin/env node
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bindingsOf } from './generate.ts';
import { readWorld } from './read-wit.ts';

const HELP = `kasmcloud-bindings --wit FOLDER [--world NAME] --out FOLDER

Writes, for every interface that a WIT world imports or exports, a JavaScript file with its functions as data and a
declaration file with their types, for startProvider and Provider.client of @kasmcloud/provider.
`;

/** Resolves with the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { wit: { type: 'string' }, world: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
  });
  const { wit, world, out, help } = values;
  if (help === true || wit === undefined || out === undefined) {
    process.stderr.write(HELP);
    return help === true ? 0 : 2;
  }
  const files = (await readWorld(wit, world)).flatMap((iface) => bindingsOf(iface));
  await mkdir(out, { recursive: true });
  await Promise.all(files.map(({ name, text }) => writeFile(join(out, name), text)));
  process.stdout.write(`${files.map(({ name }) => join(out, name)).join('\n')}\n`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
