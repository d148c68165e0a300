import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Files of the page, and their types. */
const assets = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
} as const;

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>KasmCloud REST API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
const start = `SwaggerUIBundle({ url: '/docs-json', dom_id: '#api', deepLinking: true });\n`;

/** The OpenAPI document of every route of the API. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('KasmCloud REST API')
    .setDescription(
      'What runs where in a supercluster, Applications and their versions, and plans before they are made.',
    )
    .setVersion('v1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A token of the hub cluster.' })
    .build();
  return SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}.${method}`,
  });
}

/** `/docs-json` and the page `/docs`, for everybody: they say nothing of what runs. */
export function serveDocs(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance();
  let document: string | undefined;
  server.get('/docs-json', async (_request, reply) => {
    document ??= JSON.stringify(openApiDocument(app));
    return reply.type('application/json').send(document);
  });
  server.get('/docs', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page));
  server.get('/docs/start.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(start));
  for (const [file, type] of Object.entries(assets)) {
    server.get(`/docs/${file}`, async (_request, reply) => reply.type(type).send(await readFile(assetPath(file))));
  }
}

/** Beside the bundle, or in the package when there is no bundle. */
function assetPath(file: string): string {
  const bundled = join(import.meta.dirname, 'swagger-ui', file);
  if (existsSync(bundled)) return bundled;
  return join(dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')), file);
}
