import { defineConfig, type RolldownOptions } from 'rolldown';

/** Peers that Nest asks for by name and that we do not install. */
const optional =
  /^(@nestjs\/(microservices|websockets|platform-express)|class-validator|class-transformer|@fastify\/(view|static|multipart))(\/|$)/;

/** Then files are built one by one, beside others that stay. */
const isWatched = process.argv.includes('--watch');

const modules = { format: 'esm', entryFileNames: '[name].js' } as const;
const scripts = { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' } as const;

const bundle = (
  input: Record<string, string>,
  external: readonly string[],
  cleanDir: boolean,
  kind: typeof modules | typeof scripts = modules,
): RolldownOptions =>
  defineConfig({
    input,
    platform: 'node',
    external: (id) => optional.test(id) || external.some((name) => id === name || id.startsWith(`${name}/`)),
    tsconfig: 'tsconfig.json',
    output: { ...kind, dir: 'dist', sourcemap: true, cleanDir },
  });

/** One ESM file per entry, dependencies inside, so that an image needs no node_modules. */
export const app = (
  input: Record<string, string> = { main: 'src/main.ts' },
  external: readonly string[] = [],
): RolldownOptions => bundle(input, external, !isWatched);

/**
 * A thread of an app, built after it into the same folder: it starts with one file of its own, because each file that it
 * would share with the app is another millisecond before it is up.
 */
export const thread = (name: string, source: string): RolldownOptions => bundle({ [name]: source }, [], false);

/** A script that a thread runs, built as a thread is: no module, so that what V8 has compiled of it can be passed on. */
export const script = (name: string, source: string): RolldownOptions => bundle({ [name]: source }, [], false, scripts);
