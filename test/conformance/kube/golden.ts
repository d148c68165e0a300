import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'prettier';
import type { Answer } from './case.ts';

/** Case → the real server's answers to its steps. */
export type Golden = Readonly<Record<string, readonly Answer[]>>;

const folder = join(import.meta.dirname, 'golden');
const fileOf = (suite: string): string => join(folder, `${suite}.json`);

export function readGolden(suite: string): Golden {
  return existsSync(fileOf(suite)) ? (JSON.parse(readFileSync(fileOf(suite), 'utf8')) as Golden) : {};
}

/** One answer per line: a difference in review is a line. */
export async function writeGolden(suite: string, golden: Golden): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(fileOf(suite), await format(JSON.stringify(golden), { parser: 'json', printWidth: 120 }));
}
