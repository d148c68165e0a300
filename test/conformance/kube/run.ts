import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Case, Step, Suite } from './case.ts';
import type { Golden } from './golden.ts';
import { KubeHttp, type Asked, type RawAnswer } from './http.ts';
import { at, mapStrings, type JsonValue } from './json.ts';
import { mask } from './mask.ts';
import type { KubeServerUnderTest } from './servers/server.ts';

/** How long a step is asked again; the embedded server's controllers work at once. */
const UNTIL_MS = { embedded: 5_000, real: 20_000 };
/** How long a watch waits for its last events after the steps it watches are done. */
const WATCH_MS = 4_000;

const CASES_AT_ONCE = 6;

let started = 0;

/** Runs one case in a namespace and an API group of its own; resolves with its masked answers. */
export async function runCase(server: KubeServerUnderTest, { steps }: Case): Promise<readonly Answer[]> {
  const run = new CaseRun(server);
  try {
    await run.prepare(steps);
    const answers: Answer[] = [];
    for (const step of steps) answers.push(...(await run.step(step)));
    return answers;
  } finally {
    run.close();
  }
}

/** Runs all cases of a suite, a few at once; resolves with the answers by the name of their case. */
export async function runSuite(server: KubeServerUnderTest, { cases }: Suite): Promise<Golden> {
  const answers = new Map<string, readonly Answer[]>();
  const waiting = [...cases];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      answers.set(next.name, await runCase(server, next));
    }
  };
  await Promise.all(Array.from({ length: CASES_AT_ONCE }, work));
  return Object.fromEntries(cases.map(({ name }) => [name, answers.get(name) ?? []]));
}

class CaseRun {
  readonly #server: KubeServerUnderTest;
  readonly #http: KubeHttp;
  readonly #values: Map<string, string>;
  /** Value → placeholder, for the mask. */
  readonly #known: Map<string, string>;

  constructor(server: KubeServerUnderTest) {
    this.#server = server;
    this.#http = new KubeHttp(server.url, server.caPem);
    const ns = `case-${String(++started).padStart(4, '0')}`;
    this.#values = new Map([
      ['ns', ns],
      ['group', `${ns}.example.com`],
    ]);
    this.#known = new Map([
      [`${ns}.example.com`, '<group>'],
      [ns, '<ns>'],
      [new URL(server.url).host, '<server>'],
    ]);
  }

  /** Creates the case's namespace, and waits for what controllers put into it. */
  async prepare(steps: readonly Step[]): Promise<void> {
    if (!JSON.stringify(steps).includes('/namespaces/<ns>')) return;
    const path = '/api/v1/namespaces';
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '<ns>' } };
    const headers = { 'content-type': 'application/json' };
    const { status, text } = await this.#http.ask(this.#asked({ method: 'POST', path, body, headers }));
    if (status !== 201) throw new Error(`the namespace of the case was not created: ${status} ${text}`);
    if (!this.#server.hasControllers) return;
    for (const made of ['configmaps/kube-root-ca.crt', 'serviceaccounts/default']) {
      await this.step({ method: 'GET', path: `${path}/<ns>/${made}`, until: { status: 200 } });
    }
  }

  async step(step: Step): Promise<readonly Answer[]> {
    if (step.watch !== undefined) return this.#watch(step, step.watch);
    const deadline = performance.now() + UNTIL_MS[this.#server.name];
    for (;;) {
      const raw = await this.#http.ask(this.#asked(step));
      const body = parse(raw);
      if (isReached(step, raw.status, body) || performance.now() > deadline) {
        for (const [name, path] of Object.entries(step.save ?? {})) {
          const value = at(body, path);
          if (typeof value === 'string' || typeof value === 'number') this.#values.set(name, String(value));
        }
        return step.unseen
          ? []
          : [this.#answer(raw, mask(step.show === undefined ? body : step.show(body), this.#known))];
      }
      await sleep(50);
    }
  }

  close(): void {
    this.#http.close();
  }

  /** The answers of the steps it watched, then its own. */
  async #watch(
    step: Step,
    { events, during }: { events: number; during: readonly Step[] },
  ): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    const runDuring = async (): Promise<void> => {
      for (const inner of during) answers.push(...(await this.step(inner)));
    };
    const raw = await this.#http.lines(this.#asked(step), events, runDuring, WATCH_MS);
    const lines = raw.text.split('\n').filter((line) => line !== '');
    const seen = lines.slice(0, events).map((line) => JSON.parse(line) as JsonValue);
    answers.push(this.#answer(raw, mask(step.show === undefined ? seen : step.show(seen), this.#known)));
    return answers;
  }

  #asked({ method, path, body, headers, as }: Step): Asked {
    const token = as === 'stranger' ? 'no-such-token' : this.#server.tokens[as ?? 'admin'];
    const filled = body === undefined ? undefined : mapStrings(body, (text) => this.#fill(text));
    const content = filled === undefined || typeof filled === 'string' ? filled : JSON.stringify(filled);
    return {
      method,
      path: this.#fill(path),
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        'user-agent': 'conformance/1.0',
        ...mapStrings(headers ?? {}, (text) => this.#fill(text)),
      },
      ...(content === undefined ? {} : { body: content }),
    };
  }

  #fill(text: string): string {
    return text.replaceAll(/<(\w+)>/g, (whole, name: string) => this.#values.get(name) ?? whole);
  }

  #answer({ status, headers }: RawAnswer, body: JsonValue): Answer {
    const type = String(headers['content-type'] ?? '');
    const warnings = [headers['warning'] ?? []].flat().flatMap(splitWarnings);
    const masked = mask(warnings, this.#known) as readonly string[];
    return {
      status,
      ...(type === 'application/json' ? {} : { type }),
      ...(masked.length === 0 ? {} : { warnings: masked }),
      body,
    };
  }
}

function isReached({ until }: Step, status: number, body: JsonValue): boolean {
  if (until === undefined) return true;
  if (until.status !== undefined && until.status !== status) return false;
  return until.path === undefined || JSON.stringify(at(body, until.path)) === JSON.stringify(until.is);
}

/** Node joins repeated headers by a comma; each warning starts with its code. */
const splitWarnings = (header: string): string[] => header.split(/, (?=\d{3} )/);

function parse({ text }: RawAnswer): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
