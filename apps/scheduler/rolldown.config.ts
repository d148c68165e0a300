import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'rolldown';
import { app } from '../../rolldown.shared.ts';

/** The files of the API's page go beside the bundle, where `rest/docs.ts` looks first. */
const docsPage: Plugin = {
  name: 'docs-page',
  async generateBundle() {
    const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
    for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
      this.emitFile({ type: 'asset', fileName: `swagger-ui/${file}`, source: await readFile(join(folder, file)) });
    }
  },
};

export default { ...app({ main: 'src/main.ts' }, ['@bull-board/api', '@bull-board/fastify']), plugins: [docsPage] };
