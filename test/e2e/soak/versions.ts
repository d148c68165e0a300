import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SECTION = 'version';

/** Writes components that do the same and differ in their bytes, by a custom section; resolves with their images. */
export async function writeVersions(image: string, folder: string, count: number): Promise<string[]> {
  const component = await readFile(fileURLToPath(image));
  return Promise.all(
    Array.from({ length: count }, async (_, version) => {
      const path = join(folder, `version-${version}.wasm`);
      const section = Buffer.from([SECTION.length, ...Buffer.from(SECTION), version]);
      await writeFile(path, Buffer.concat([component, Buffer.from([0, section.length]), section]));
      return pathToFileURL(path).href;
    }),
  );
}
