import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type JsonObject, isObject } from '../schema/json.ts';
import { asList, asObject, stringOr } from '../object.ts';

const path = '/api/v1/namespaces/default/configmaps';
const writers = 6;
const keysPerWriter = 10;
/** The server dies within so many acknowledged writes. */
const mostWritesOfRound = 80;
const startWithinMs = 60_000;

/** What one round found. Every count but the first and the second must be zero. */
export interface Round {
  readonly acknowledged: number;
  /** Sent when the server died: either outcome is right, but none other. */
  readonly unknown: number;
  readonly lost: readonly string[];
  /** The version after the restart, or of a write, was not above all versions seen before. */
  readonly versionsGoneBack: readonly string[];
}

/** What is known of a key: its value after the last answer, and what was asked for without an answer. */
interface Known {
  value: string | undefined;
  asked: { readonly value: string | undefined } | undefined;
}

interface Running {
  readonly url: string;
  readonly adminToken: string;
  readonly agent: Agent;
  kill(): void;
  /** Resolves when it was killed; throws when it ended by itself. */
  end(): Promise<void>;
}

/** One data folder whose server is killed in the middle of writes again and again, and what its clients remember of it. */
export class CrashLane {
  readonly #program: string;
  readonly #folder: string;
  readonly #random: () => number;
  readonly #known = new Map<string, Known>();
  #highestVersion = 0;
  #writes = 0;

  /**
   * @param program the server, as one file
   * @param random seeded, in [0, 1)
   */
  constructor(program: string, folder: string, random: () => number) {
    this.#program = program;
    this.#folder = folder;
    this.#random = random;
  }

  /** Starts the server, checks what it holds, writes, and kills it. Throws when the server does not start. */
  async round(): Promise<Round> {
    const server = await this.#start();
    const found = await this.#check(server);
    const before = this.#writes;
    const dieAt = before + 1 + Math.floor(this.#random() * mostWritesOfRound);
    const versionsGoneBack = [...found.versionsGoneBack];
    const writing = Array.from({ length: writers }, async (_, writer) => {
      for (;;) {
        const outcome = await this.#write(server, writer);
        if (outcome === 'unanswered') return;
        if (outcome !== 'right') versionsGoneBack.push(outcome);
        if (this.#writes === dieAt) server.kill();
      }
    });
    await Promise.all(writing);
    await server.end();
    return { ...found, acknowledged: this.#writes - before, versionsGoneBack };
  }

  /** Starts the server once more, to check what the last round left. */
  async last(): Promise<Round> {
    const server = await this.#start();
    const found = await this.#check(server);
    server.kill();
    await server.end();
    return { ...found, acknowledged: 0 };
  }

  async #start(): Promise<Running> {
    const cache = join(this.#folder, '..', 'compile-cache');
    const child = spawn(process.execPath, [this.#program, this.#folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
    });
    const exited = once(child, 'exit');
    const line = once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(startWithinMs) });
    const first: unknown = await Promise.race([line, exited.then(() => ['the server ended before it answered'])]);
    const told: unknown = JSON.parse(String(asList(first)[0]));
    if (!isObject(told)) throw new TypeError(`the server told ${JSON.stringify(told)}`);
    const agent = new Agent({ ca: stringOr(told['caPem'], ''), keepAlive: true });
    return {
      url: stringOr(told['url'], ''),
      adminToken: stringOr(told['adminToken'], ''),
      agent,
      kill: () => child.kill('SIGKILL'),
      end: async () => {
        const [code, signal] = await exited;
        agent.destroy();
        if (signal !== 'SIGKILL') throw new Error(`the server ended by itself, with ${code ?? signal}`);
      },
    };
  }

  async #check(server: Running): Promise<Omit<Round, 'acknowledged'>> {
    const list = await ask(server, 'GET', path);
    const version = versionOf(list);
    const versionsGoneBack = version < this.#highestVersion ? [`list at ${version} after ${this.#highestVersion}`] : [];
    this.#highestVersion = Math.max(version, this.#highestVersion);
    const held = new Map(
      asList(list['items'])
        .map((item) => asObject(item))
        .map((item) => [stringOr(asObject(item['metadata'])['name'], ''), valueOf(item)] as const),
    );
    const lost: string[] = [];
    let unknown = 0;
    for (const [name, known] of this.#known) {
      const value = held.get(name);
      const right = value === known.value || (known.asked !== undefined && value === known.asked.value);
      if (!right) lost.push(`${name}: ${String(known.value)} was acknowledged, ${String(value)} is there`);
      if (known.asked !== undefined) unknown += 1;
      this.#known.set(name, { value, asked: undefined });
    }
    return { unknown, lost, versionsGoneBack };
  }

  /** One write to a key of this writer's own. What is returned besides the two words says what was wrong with its version. */
  async #write(server: Running, writer: number): Promise<string> {
    const name = `w${writer}-${Math.floor(this.#random() * keysPerWriter)}`;
    const known = this.#known.get(name) ?? { value: undefined, asked: undefined };
    const removes = known.value !== undefined && this.#random() < 0.2;
    const value = removes ? undefined : `${name}-${this.#random()}`;
    this.#known.set(name, { ...known, asked: { value } });
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value, payload: 'x'.repeat(512) } };
    const earlier = this.#highestVersion;
    let outcome = 'right';
    try {
      if (removes) await ask(server, 'DELETE', `${path}/${name}`);
      else {
        const isNew = known.value === undefined;
        const answer = await ask(server, isNew ? 'POST' : 'PUT', isNew ? path : `${path}/${name}`, body);
        const version = versionOf(answer);
        // Sent after the answer that brought `earlier`, so it must be above it.
        if (version <= earlier) outcome = `${name}: version ${version} after ${earlier}`;
        this.#highestVersion = Math.max(version, this.#highestVersion);
      }
    } catch (error) {
      if (error instanceof UnansweredError) return 'unanswered';
      throw error;
    }
    this.#known.set(name, { value, asked: undefined });
    this.#writes += 1;
    return outcome;
  }
}

class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

const valueOf = (configMap: JsonObject): string | undefined => {
  const value = asObject(configMap['data'])['value'];
  return typeof value === 'string' ? value : undefined;
};

const versionOf = (object: JsonObject): number => Number(asObject(object['metadata'])['resourceVersion']);

async function ask(
  { url, adminToken, agent }: Running,
  method: string,
  where: string,
  body?: JsonObject,
): Promise<JsonObject> {
  const { promise, resolve, reject } = Promise.withResolvers<JsonObject>();
  const unanswered = (error: Error): void => reject(new UnansweredError(error.message, { cause: error }));
  const sent = request(`${url}${where}`, {
    method,
    agent,
    timeout: 30_000,
    headers: { authorization: `Bearer ${adminToken}`, ...(body && { 'content-type': 'application/json' }) },
  });
  sent.once('error', unanswered);
  sent.once('response', (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('error', unanswered);
    response.once('end', () => {
      const text = Buffer.concat(chunks).toString();
      const answer = response.complete ? asObject(JSON.parse(text)) : undefined;
      if (answer === undefined) unanswered(new Error('half an answer'));
      else if ((response.statusCode ?? 0) >= 300) reject(new Error(`${method} ${where}: ${text}`));
      else resolve(answer);
    });
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
