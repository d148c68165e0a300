import { redactText } from './redact.ts';

/**
 * Fails by returning the reason as text, or by throwing. `signal` ends the check at its deadline.
 * A failed liveness check asks for a restart, a failed readiness check for no more traffic.
 */
export type HealthCheck = (signal: AbortSignal) => string | void | Promise<string | void>;

export interface CheckOptions {
  /** Default 1,000. */
  readonly timeoutMs?: number;
}

export interface CheckResult {
  readonly name: string;
  /** Why the check failed; absent when it passed. */
  readonly failure?: string;
}

export interface HealthReport {
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
}

export type ProbeKind = 'livez' | 'readyz';

interface RegisteredCheck {
  readonly name: string;
  readonly check: HealthCheck;
  readonly timeoutMs: number;
}

const messageOf = (error: unknown): string => redactText(error instanceof Error ? error.message : String(error));

const run = async ({ name, check, timeoutMs }: RegisteredCheck): Promise<CheckResult> => {
  const abort = new AbortController();
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => {
    late.resolve(`no answer within ${timeoutMs} ms`);
    abort.abort();
  }, timeoutMs);
  try {
    const failure = await Promise.race([Promise.resolve(check(abort.signal)), late.promise]);
    return typeof failure === 'string' ? { name, failure: redactText(failure) } : { name };
  } catch (error) {
    return { name, failure: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
};

/** The named checks of one process. A probe that arrives while the checks run shares their result. */
export class Health {
  readonly #checks: Record<ProbeKind, Map<string, RegisteredCheck>> = { livez: new Map(), readyz: new Map() };
  readonly #running: Partial<Record<ProbeKind, Promise<HealthReport>>> = {};
  #shuttingDown = false;

  addLiveness(name: string, check: HealthCheck, options: CheckOptions = {}): void {
    this.#add('livez', name, check, options);
  }

  addReadiness(name: string, check: HealthCheck, options: CheckOptions = {}): void {
    this.#add('readyz', name, check, options);
  }

  /** From now on not ready, still alive: traffic leaves while what runs is drained. */
  startShutdown(): void {
    this.#shuttingDown = true;
  }

  async report(kind: ProbeKind): Promise<HealthReport> {
    const running = (this.#running[kind] ??= this.#run(kind).finally(() => delete this.#running[kind]));
    return running;
  }

  async #run(kind: ProbeKind): Promise<HealthReport> {
    const results = await Promise.all([...this.#checks[kind].values()].map(run));
    const ping: CheckResult = { name: 'ping' };
    const own =
      kind === 'readyz' && this.#shuttingDown ? [ping, { name: 'shutdown', failure: 'shutting down' }] : [ping];
    const checks = [...own, ...results];
    return { ok: checks.every(({ failure }) => failure === undefined), checks };
  }

  #add(kind: ProbeKind, name: string, check: HealthCheck, { timeoutMs = 1_000 }: CheckOptions): void {
    if (this.#checks[kind].has(name)) throw new DuplicateCheckError(kind, name);
    this.#checks[kind].set(name, { name, check, timeoutMs });
  }
}

/** Two parts of a process registered a check under one name. */
export class DuplicateCheckError extends Error {
  override readonly name = 'DuplicateCheckError';
  readonly check: string;

  constructor(kind: ProbeKind, check: string) {
    super(`health check ${check} of /${kind} is registered already: give the second one another name`);
    this.check = check;
  }
}

/** As kube-apiserver tells it: one line per check, then the verdict; `ok` alone when all is well and nobody asked. */
export const formatReport = (kind: ProbeKind, { ok, checks }: HealthReport, verbose: boolean): string => {
  if (ok && !verbose) return 'ok';
  const lines = checks.map(({ name, failure }) =>
    failure === undefined ? `[+]${name} ok` : `[-]${name} failed: ${failure.replaceAll('\n', ' ')}`,
  );
  return [...lines, `${kind} check ${ok ? 'passed' : 'failed'}`, ''].join('\n');
};
