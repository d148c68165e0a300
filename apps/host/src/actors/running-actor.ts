import { setTimeout as sleep } from 'node:timers/promises';
import type { ActorSpec } from '@kasmcloud/kube-api';
import type { LatticeConnection, ServedFunction } from '@kasmcloud/lattice';
import type { Logger, LogLevel, Tracer } from '@kasmcloud/observe';
import { ComponentError, type ComponentRuntime, type GuestLogLevel, type LoadedComponent } from '@kasmcloud/wasm';
import type { Image } from '../images/image-error.ts';
import type { SecretValues } from '../secrets/secret-values.ts';
import { ActorHost, wantsSecrets } from './actor-host.ts';
import { atMost } from './at-most.ts';
import type { Caller } from './calls.ts';
import type { LogBuffers } from '../logs/log-buffer.ts';
import type { ActorLimits } from './limits.ts';
import type { ActorRegistry } from './registry.ts';
import { isCallable, serveComponent } from './serving.ts';

export interface ActorParts {
  readonly runtime: ComponentRuntime;
  readonly connection: LatticeConnection;
  readonly registry: ActorRegistry;
  readonly caller: Caller;
  readonly tracer: Tracer;
  readonly log: Logger;
  readonly logs: LogBuffers;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What actors log below it is not passed on. */
  readonly logLevel: LogLevel;
}

/** How long requests that waited for an actor have this thread for themselves. */
const FIRST_ANSWERS_MS = 5;

/** Calls end by their own deadline; this is for those whose end was not heard of. */
const DRAIN_GRACE_MS = 1_000;

/** One actor that runs here: loaded, in the registry, and answering the lattice. */
export class RunningActor {
  readonly digest: string;
  readonly limits: ActorLimits;
  readonly component: LoadedComponent;
  readonly #parts: ActorParts;
  readonly #host: ActorHost;
  readonly lattice: string;
  readonly id: string;
  #served: ServedFunction[] = [];
  #isStopped = false;
  #image: string;
  #instances: number;
  #config: string;

  private constructor(
    parts: ActorParts,
    lattice: string,
    spec: ActorSpec,
    limits: ActorLimits,
    config: Readonly<Record<string, string>>,
    component: LoadedComponent,
    host: ActorHost,
  ) {
    this.#parts = parts;
    this.lattice = lattice;
    this.id = spec.id;
    this.limits = limits;
    this.component = component;
    this.#host = host;
    this.digest = component.digest;
    this.#image = spec.image;
    this.#instances = spec.instances;
    this.#config = JSON.stringify(config);
  }

  /**
   * Loads a component without answering for it yet.
   * @throws ComponentError, LinkError
   */
  static async load(
    parts: ActorParts,
    lattice: string,
    spec: ActorSpec,
    image: Image,
    limits: ActorLimits,
    config: Readonly<Record<string, string>>,
  ): Promise<RunningActor> {
    const { id, instances } = spec;
    const lines = parts.logs.open(lattice, id);
    const host = new ActorHost({ lattice, id, caller: parts.caller, log: parts.log, lines, now: parts.now });
    const component = await parts.runtime.load(image.bytes, {
      name: `${lattice}/${id}`,
      digest: image.digest,
      instances,
      limits,
      config,
      logLevel: guestLevel(parts.logLevel),
      host,
    });
    host.attach(component);
    if (!isCallable(component)) {
      component.close();
      const names = component.exports.map(({ name }) => name).join(', ');
      throw new ComponentError(`it exports nothing that could be called${names === '' ? '' : `: only ${names}`}`);
    }
    return new RunningActor(parts, lattice, spec, limits, config, component, host);
  }

  /** The reference by which it was last asked for. */
  get image(): string {
    return this.#image;
  }

  /** Whether the component asks for secrets: others are given none. */
  get wantsSecrets(): boolean {
    return wantsSecrets(this.component);
  }

  giveSecrets(secrets: SecretValues): void {
    this.#host.giveSecrets(secrets);
  }

  /** From now on calls come here. Resolves when those who waited for that have had the time for an answer. */
  async answer(): Promise<void> {
    const { connection, registry, tracer, log } = this.#parts;
    const isAwaited = registry.put(this.lattice, this.id, this.component);
    // What follows, and what the caller does then, takes this thread longer than a small guest takes to answer.
    if (isAwaited) await sleep(FIRST_ANSWERS_MS);
    if (this.#isStopped) return;
    this.#served = serveComponent({
      connection,
      lattice: this.lattice,
      id: this.id,
      component: this.component,
      timeoutMs: this.limits.executionMs,
      tracer,
      log,
    });
  }

  /** Takes on what can be changed while running. */
  adjust({ image, instances }: Pick<ActorSpec, 'image' | 'instances'>, config: Readonly<Record<string, string>>): void {
    this.#image = image;
    if (instances !== this.#instances) this.component.resize(instances);
    this.#instances = instances;
    const text = JSON.stringify(config);
    if (text !== this.#config) this.component.updateConfig(config);
    this.#config = text;
  }

  /** Asks for no new calls, and lets those on their way and under way end, as late as any may. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#parts.registry.remove(this.lattice, this.id, this.component);
    await atMost(this.limits.executionMs + DRAIN_GRACE_MS, this.#drain());
    for (const served of this.#served) served.close();
    this.component.close();
  }

  async #drain(): Promise<void> {
    // Without a connection nothing is on its way.
    await Promise.all(this.#served.map((served) => served.drain())).catch(() => undefined);
    await this.component.drain();
  }
}

/** The least level of a guest's line that would be written. */
const guestLevel = (level: LogLevel): GuestLogLevel => (level === 'silent' ? 'critical' : level);
