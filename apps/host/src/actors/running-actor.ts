import type { ActorSpec } from '@kasmcloud/kube-api';
import type { LatticeConnection, ServedFunction } from '@kasmcloud/lattice';
import type { Logger, LogLevel } from '@kasmcloud/observe';
import {
  ComponentError,
  type ComponentRuntime,
  type GuestLogEntry,
  type GuestLogLevel,
  type LoadedComponent,
} from '@kasmcloud/wasm';
import { keyvalueInterface } from '../capabilities/keyvalue/wire.ts';
import { CONSUMER } from '../capabilities/messaging/wire.ts';
import type { Image } from '../images/image-error.ts';
import { parseInterface } from '../links/route.ts';
import type { Caller } from './calls.ts';
import type { ActorLimits } from './limits.ts';
import type { ActorRegistry } from './registry.ts';
import { isCallable, serveComponent } from './serving.ts';

export interface ActorParts {
  readonly runtime: ComponentRuntime;
  readonly connection: LatticeConnection;
  readonly registry: ActorRegistry;
  readonly caller: Caller;
  readonly log: Logger;
  /** What actors log below it is not passed on. */
  readonly logLevel: LogLevel;
}

/** How long calls may go on after an actor was stopped or replaced. */
const DRAIN_MS = 5_000;

/** Namespaces of WIT packages that only this host itself could serve. */
const builtinNamespaces: ReadonlySet<string> = new Set(['wasi', 'wasmcloud']);

/** Whether there is a way to serve an import: a capability, or a link to whoever exports it. */
const isProvided = (instance: string): boolean =>
  instance === CONSUMER ||
  keyvalueInterface(instance) !== undefined ||
  !builtinNamespaces.has(parseInterface(instance)?.namespace ?? 'wasi');

/** One actor that runs here: loaded, in the registry, and answering the lattice. */
export class RunningActor {
  readonly digest: string;
  readonly limits: ActorLimits;
  readonly component: LoadedComponent;
  readonly #parts: ActorParts;
  readonly #lattice: string;
  readonly #id: string;
  #served: ServedFunction[] = [];
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
  ) {
    this.#parts = parts;
    this.#lattice = lattice;
    this.#id = spec.id;
    this.limits = limits;
    this.component = component;
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
    const log = parts.log.child({ lattice, actor: id });
    let component: LoadedComponent | undefined;
    const typeOf = (instance: string, func: string): LoadedComponent['imports'][number]['functions'][number] => {
      const found = component?.imports
        .find(({ name }) => name === instance)
        ?.functions.find(({ name }) => name === func);
      if (found === undefined) throw new ComponentError(`${id} called ${instance}.${func}, which it does not import`);
      return found;
    };
    component = await parts.runtime.load(image.bytes, {
      name: `${lattice}/${id}`,
      instances,
      limits,
      config,
      logLevel: guestLevel(parts.logLevel),
      host: {
        provides: isProvided,
        invoke: async (instance, func, args, context) => {
          const { type } = typeOf(instance, func);
          return parts.caller.call({ lattice, source: id, instance, func, type, args }, context);
        },
        near: (instance) => parts.caller.near({ lattice, source: id }, instance),
        sendHttp: (request, timeouts, context) =>
          parts.caller.sendHttp({ lattice, source: id }, request, timeouts, context),
        log: (entry) => writeGuestLog(log, entry),
      },
    });
    if (!isCallable(component)) {
      component.close();
      const names = component.exports.map(({ name }) => name).join(', ');
      throw new ComponentError(`it exports nothing that could be called${names === '' ? '' : `: only ${names}`}`);
    }
    return new RunningActor(parts, lattice, spec, limits, config, component);
  }

  /** The reference by which it was last asked for. */
  get image(): string {
    return this.#image;
  }

  /** From now on calls come here. */
  answer(): void {
    const { connection, registry, log } = this.#parts;
    registry.put(this.#lattice, this.#id, this.component);
    this.#served = serveComponent({
      connection,
      lattice: this.#lattice,
      id: this.#id,
      component: this.component,
      timeoutMs: this.limits.executionMs,
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

  /** Takes no new calls and lets those under way end, for a while. */
  async stop(): Promise<void> {
    for (const served of this.#served) served.close();
    this.#parts.registry.remove(this.#lattice, this.#id, this.component);
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, DRAIN_MS);
    await Promise.race([this.component.drain(), late.promise]);
    clearTimeout(timer);
    this.component.close();
  }
}

/** The least level of a guest's line that would be written. */
function guestLevel(level: LogLevel): GuestLogLevel {
  if (level === 'debug') return 'trace';
  return level === 'silent' ? 'critical' : level;
}

function writeGuestLog(log: Logger, { level, context, message }: GuestLogEntry): void {
  const fields = { context, guest: message };
  if (level === 'critical' || level === 'error') log.error(fields, 'actor log');
  else if (level === 'warn') log.warn(fields, 'actor log');
  else if (level === 'info') log.info(fields, 'actor log');
  else log.debug(fields, 'actor log');
}
