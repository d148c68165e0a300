import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { startApiServer } from '../api-server.ts';
import type { ApiServerOptions, RunningApiServer } from '../api-server.ts';
import type { JsonObject } from '../schema/json.ts';

export interface Answer {
  readonly code: number;
  readonly body: JsonObject;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly body?: JsonObject | string | Buffer;
  readonly type?: string;
  readonly accept?: string;
  /** Bearer token; the admin's by default, none when ''. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server of its own for one test file, with ways to talk to it. */
export class TestCluster {
  readonly server: RunningApiServer;
  readonly #agent: Agent;
  readonly #directory: string;

  constructor(server: RunningApiServer, directory: string) {
    this.server = server;
    this.#agent = new Agent({ ca: server.caPem, keepAlive: true });
    this.#directory = directory;
    writeFileSync(join(directory, 'kubeconfig'), server.kubeconfig());
  }

  static async start(options: ApiServerOptions = {}): Promise<TestCluster> {
    return new TestCluster(await startApiServer(options), mkdtempSync(join(tmpdir(), 'apiserver-')));
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.server.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** One request over TLS, its answer read whole. */
  async ask(asked: Asked): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const sent = this.#request(asked);
    sent.once('error', reject);
    sent.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.startsWith('application/json') === true;
        const body = isJson && text.startsWith('{') && !text.includes('\n{') ? (JSON.parse(text) as JsonObject) : {};
        resolve({ code: response.statusCode ?? 0, body, text, headers: response.headers });
      });
    });
    return promise;
  }

  /** Opens a watch; `next` gives one event after the other. */
  watch(path: string, accept?: string): { next(): Promise<JsonObject>; stop(): void } {
    const lines: JsonObject[] = [];
    let wake: (() => void) | undefined;
    const sent = this.#request({ path, ...(accept === undefined ? {} : { accept }) });
    sent.on('error', () => undefined);
    sent.once('response', (response) => {
      let rest = '';
      response.on('data', (chunk: Buffer) => {
        const parts = (rest + chunk.toString()).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts.map((line) => JSON.parse(line) as JsonObject));
        wake?.();
      });
      response.on('error', () => undefined);
    });
    return {
      next: async () => {
        while (lines.length === 0) {
          const { promise, resolve } = Promise.withResolvers<void>();
          wake = resolve;
          await promise;
        }
        return lines.shift() ?? {};
      },
      stop: () => {
        sent.destroy();
      },
    };
  }

  /** Runs kubectl against this server. `stdin` is a manifest for `-f -`. */
  async kubectl(
    args: readonly string[],
    options: { readonly stdin?: string; readonly token?: string } = {},
  ): Promise<{ code: number; out: string; err: string }> {
    const { promise, resolve } = Promise.withResolvers<{ code: number; out: string; err: string }>();
    const env = { ...process.env, HOME: this.#directory, KUBECONFIG: this.#kubeconfig(options.token) };
    const child = execFile('kubectl', [...args], { env, timeout: 15_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, out, err }),
    );
    child.stdin?.end(options.stdin ?? '');
    return promise;
  }

  #kubeconfig(token: string | undefined): string {
    const file = join(this.#directory, token === undefined ? 'kubeconfig' : 'kubeconfig-token');
    if (token !== undefined) writeFileSync(file, this.server.kubeconfig().replace(/token: .*/, `token: ${token}`));
    return file;
  }

  #request({ method = 'GET', path, body, type, accept, token, headers }: Asked): ReturnType<typeof request> {
    const bearer = token ?? this.server.adminToken;
    const content =
      body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const sent = request(`${this.server.url}${path}`, {
      method,
      agent: this.#agent,
      timeout: 10_000,
      headers: {
        ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }),
        ...(content === undefined
          ? {}
          : { 'content-type': type ?? 'application/json', 'content-length': Buffer.byteLength(content) }),
        ...(accept === undefined ? {} : { accept }),
        'user-agent': 'conformance/1.0',
        ...headers,
      },
    });
    sent.end(content);
    return sent;
  }
}

/** Whether the tests with a real kubectl can run; the reason is told once. */
export function kubectlMissing(): boolean {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  const missing = !directories.some((directory) => existsSync(join(directory, 'kubectl')));
  if (missing) process.stderr.write('not run: kubectl ≥ 1.30 missing on PATH\n');
  return missing;
}

/** Tries again until `check` passes; for what controllers do a moment later. */
export async function eventually<T>(check: () => Promise<T | undefined>, timeoutMs = 5000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error(`not so after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const crontabs = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'crontabs.stable.example.com' },
  spec: {
    group: 'stable.example.com',
    scope: 'Namespaced',
    names: { plural: 'crontabs', kind: 'CronTab', shortNames: ['ct'], categories: ['all'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
        selectableFields: [{ jsonPath: '.spec.color' }],
        additionalPrinterColumns: [
          { name: 'Color', type: 'string', jsonPath: '.spec.color' },
          { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', priority: 1 },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['color'],
                properties: {
                  color: { type: 'string', maxLength: 10, description: 'What it looks like.' },
                  replicas: { type: 'integer', minimum: 0, default: 2 },
                  epoch: { type: 'integer' },
                },
              },
              status: {
                type: 'object',
                properties: {
                  replicas: { type: 'integer' },
                  selector: { type: 'string' },
                  conditions: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['type'],
                    items: {
                      type: 'object',
                      required: ['type', 'status'],
                      properties: { type: { type: 'string' }, status: { type: 'string' } },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
} satisfies JsonObject;

export const crontabPath = '/apis/stable.example.com/v1/namespaces/default/crontabs';

export const crontab = (name: string, spec: JsonObject = { color: 'red' }): JsonObject => ({
  apiVersion: 'stable.example.com/v1',
  kind: 'CronTab',
  metadata: { name },
  spec,
});
