import { defineConfig, type RolldownOptions } from 'rolldown';

/** Peers that Nest asks for by name and that we do not install. */
const optional =
  /^(@nestjs\/(microservices|websockets|platform-express)|class-validator|class-transformer|@fastify\/(view|static|multipart))(\/|$)/;

/** One ESM file per entry, dependencies inside, so that an image needs no node_modules. */
export const app = (
  input: Record<string, string> = { main: 'src/main.ts' },
  external: readonly string[] = [],
): RolldownOptions =>
  defineConfig({
    input,
    platform: 'node',
    external: (id) => optional.test(id) || external.some((name) => id === name || id.startsWith(`${name}/`)),
    tsconfig: 'tsconfig.json',
    output: { dir: 'dist', format: 'esm', sourcemap: true, entryFileNames: '[name].js', cleanDir: true },
  });
