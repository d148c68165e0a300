import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';
import { inspectComponent, type InterfaceRef } from '@kasmcloud/wasm';

/** The WIT cannot be read, in the words of wasm-tools. */
export class WitSourceError extends Error {
  override readonly name = 'WitSourceError';
}

/**
 * The interfaces that a world imports or exports, with the types of their functions. The folder has `*.wit` files of one
 * package, and under `deps/` those of others, each a file or a folder.
 *
 * @throws WitSourceError
 */
export async function readWorld(folder: string, world: string | undefined): Promise<InterfaceRef[]> {
  const witSource = await sourceOf(folder);
  try {
    const core = await componentEmbed({ witSource, dummy: true, ...(world !== undefined && { world }) });
    const { imports, exports } = inspectComponent(await componentNew(core, undefined));
    const interfaces = [...exports, ...imports].filter(({ name, functions }) => name !== '' && functions.length > 0);
    return [...new Map(interfaces.map((one) => [one.name, one])).values()];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WitSourceError(`${folder}: ${why}`, { cause });
  }
}

/** One text: the package itself, and every other one nested in braces. wasm-tools is given no file system. */
async function sourceOf(folder: string): Promise<string> {
  const own = await textsOf(folder);
  if (own.length === 0) throw new WitSourceError(`${folder}: there is no .wit file`);
  const deps = join(folder, 'deps');
  const entries = await readdir(deps, { withFileTypes: true }).catch(() => []);
  const packages = await Promise.all(
    entries
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(async (entry) => {
        const path = join(deps, entry.name);
        const texts = entry.isDirectory()
          ? await textsOf(path)
          : entry.name.endsWith('.wit')
            ? [await readFile(path, 'utf8')]
            : [];
        return nested(texts);
      }),
  );
  return [...own, ...packages].join('\n');
}

async function textsOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.wit')).toSorted();
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}

const PACKAGE = /^\s*package\s+([^;{]+);/m;

function nested(texts: readonly string[]): string {
  const name = texts.map((text) => PACKAGE.exec(text)?.[1]).find((found) => found !== undefined);
  if (name === undefined) return '';
  return `package ${name} {\n${texts.map((text) => text.replace(PACKAGE, '')).join('\n')}\n}\n`;
}
