import {
  conditionTypes,
  fieldManagers,
  linkSecrets,
  secretReferences,
  WasmCloudActor,
  type ActorObject,
  type ActorStatus,
  type ConditionUpdate,
  type LinkObject,
  type SecretReference,
} from '@kasmcloud/kube-api';
import { updateStatus, type EventRecorder, type KubeClient } from '@kasmcloud/kube';
import { ComponentError, LinkError, WorkerLostError } from '@kasmcloud/wasm';
import { isFileImage } from '../images/file-image.ts';
import { ImageError, type Image } from '../images/image-error.ts';
import type { Images } from '../images/images.ts';
import { PullBackOffError, PullBackoff } from '../images/pull-backoff.ts';
import { readPullSecrets } from '../images/pull-secrets.ts';
import { ConfigMissingError, mergeConfig } from '../links/config.ts';
import { readSecretValues, SecretError } from '../secrets/secret-values.ts';
import type { ActorUsage } from '../metrics.ts';
import type { NamespaceViews } from '../world/namespace-view.ts';
import type { Secrets } from '../world/secrets.ts';
import { atMost } from './at-most.ts';
import { LimitError, readLimits } from './limits.ts';
import { RunningActor, type ActorParts } from './running-actor.ts';

export interface ActorsOptions extends ActorParts {
  readonly client: KubeClient;
  readonly secrets: Secrets;
  /** Whether the API server answers now: while it does not, it is told nothing. */
  readonly reachable: () => boolean;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly views: NamespaceViews;
  readonly images: Images;
  readonly callTimeoutMs: number;
  readonly lattices: () => readonly string[];
  /** Config of every actor here; its own goes before. */
  readonly hostConfig: () => Readonly<Record<string, string>>;
}

/** What could not be run, and why, for the condition. Trying again is of use only for some reasons. */
interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** A refused actor is looked at again after this: what was missing may have come. */
const RETRY_MS = 5_000;

/** Of the 30 s that Kubernetes gives a pod to end, so much is for calls. */
const CLOSE_MS = 20_000;

/** Makes what runs here what the Actors of this host say. One look at one key at a time. */
export class Actors {
  readonly #options: ActorsOptions;
  readonly #running = new Map<string, RunningActor>();
  /** Which object answers for an id: `namespace/id` → key. */
  readonly #holders = new Map<string, string>();
  readonly #pulls: PullBackoff;
  /** Those that take no calls any more and have some left. */
  readonly #ending = new Set<Promise<void>>();

  constructor(options: ActorsOptions) {
    this.#options = options;
    this.#pulls = new PullBackoff(options.now);
  }

  get count(): number {
    return this.#running.size;
  }

  /** What each of them did and is at. */
  *usage(): Iterable<ActorUsage> {
    for (const { lattice, id, component } of this.#running.values()) {
      yield { lattice, actor: id, usage: component.usage };
    }
  }

  /**
   * Looks at one Actor; undefined when it is gone. Resolves with the milliseconds after which another look could help,
   * or undefined when none would.
   */
  async reconcile(key: string, actor: ActorObject | undefined, signal: AbortSignal): Promise<number | undefined> {
    if (actor === undefined || actor.metadata.deletionTimestamp !== undefined) {
      this.#pulls.forget(key);
      this.#stop(key);
      return undefined;
    }
    const refusal = await this.#run(key, actor, signal);
    if (refusal !== undefined) this.#record(actor, 'Warning', refusal);
    if (this.#options.reachable()) await this.#tell(actor, this.#running.get(key), refusal, signal);
    return refusal && (this.#pulls.waitMs(key) ?? RETRY_MS);
  }

  /** Ends all of them, and waits for the calls that they have, but not for ever. */
  async close(): Promise<void> {
    for (const key of this.#running.keys()) this.#stop(key);
    await atMost(CLOSE_MS, Promise.all(this.#ending));
  }

  async #run(key: string, actor: ActorObject, signal: AbortSignal): Promise<Refusal | undefined> {
    const { metadata, spec } = actor;
    const isNew = !this.#running.has(key);
    const come = isNew ? this.#options.registry.expect(metadata.namespace ?? '', spec.id) : undefined;
    // Beside the pull.
    if (isNew) this.#options.runtime.warm();
    try {
      await this.#start(key, actor, signal);
      return undefined;
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      // What ran goes on: a bad new version takes nothing away.
      this.#options.log.warn({ actor: key, ...refusal }, 'actor refused');
      return refusal;
    } finally {
      come?.();
    }
  }

  /** Starts or changes it: the new one is loaded before the old one stops answering. */
  async #start(key: string, actor: ActorObject, signal: AbortSignal): Promise<void> {
    const { metadata, spec } = actor;
    const { views, images, callTimeoutMs, lattices } = this.#options;
    const { namespace = '' } = metadata;
    if (!serves(lattices(), namespace)) {
      throw new RefusedError(
        'LatticeNotServed',
        `this host does not serve lattice ${namespace}: see its spec.lattices`,
      );
    }
    const holder = this.#holders.get(`${namespace}/${spec.id}`);
    if (holder !== undefined && holder !== key) {
      throw new RefusedError('IdTaken', `id ${spec.id} is run here by ${holder}: a host runs one image per id`);
    }
    const view = views.open(namespace);
    await view.synced();
    const config = { ...this.#options.hostConfig(), ...mergeConfig(namespace, spec.config ?? [], view.config) };
    const limits = readLimits(spec.limits, callTimeoutMs);
    const before = this.#running.get(key);
    const isSame = JSON.stringify(before?.limits) === JSON.stringify(limits);
    const adjust = (running: RunningActor): void =>
      running.adjust({ ...spec, instances: Math.max(1, spec.instances) }, config);
    // A registry is asked once for each image; a file may have been built anew.
    const secretsFor = async (running: RunningActor): Promise<void> => {
      if (!running.wantsSecrets) return;
      const references = secretsOf(actor, view.links);
      running.giveSecrets(await readSecretValues(this.#options.secrets, namespace, references, signal));
    };
    if (before !== undefined) await secretsFor(before);
    if (before?.image === spec.image && isSame && !isFileImage(spec.image)) return adjust(before);
    const image = await this.#pull(key, actor, signal);
    if (before?.digest === image.digest && isSame) return adjust(before);
    const next = await RunningActor.load(this.#options, namespace, spec, image, limits, config);
    try {
      await secretsFor(next);
    } catch (error) {
      await next.stop();
      throw error;
    }
    images.pin(image);
    this.#running.set(key, next);
    this.#holders.set(`${namespace}/${spec.id}`, key);
    await next.answer();
    const fields = { actor: key, image: spec.image, digest: image.digest };
    this.#options.log.info(fields, before === undefined ? 'actor started' : 'actor replaced');
    const message = `image ${spec.image}, ${image.digest}`;
    this.#record(actor, 'Normal', { reason: before === undefined ? 'Started' : 'Replaced', message });
    if (before === undefined) return;
    images.unpin(before);
    this.#end(before);
  }

  #pull(key: string, { metadata, spec }: ActorObject, signal: AbortSignal): Promise<Image> {
    const { secrets, images } = this.#options;
    const { namespace = '', generation } = metadata;
    const credentials = (within: AbortSignal): ReturnType<typeof readPullSecrets> =>
      readPullSecrets(secrets, namespace, spec.secrets ?? [], within);
    return this.#pulls.run(key, `${generation} ${spec.image}`, () =>
      images.read(spec.image, { namespace, credentials }, signal),
    );
  }

  #stop(key: string): void {
    const running = this.#running.get(key);
    if (running === undefined) return;
    this.#running.delete(key);
    for (const [id, holder] of this.#holders) if (holder === key) this.#release(id);
    this.#options.images.unpin(running);
    this.#end(running);
    this.#options.log.info({ actor: key }, 'actor stopped');
  }

  /** It takes no calls any more; those that it has may take their time, beside what else is to do. */
  #end(running: RunningActor): void {
    const { lattice, id } = running;
    const ending = running
      .stop()
      .catch((error: unknown) => this.#options.log.warn({ err: error, lattice, actor: id }, 'actor not ended'))
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  /** `id` is `namespace/id`. */
  #release(id: string): void {
    this.#holders.delete(id);
    this.#options.logs.drop(id);
  }

  /** For `kubectl describe`: what the condition says now, and what it said before. */
  #record(actor: ActorObject, type: 'Normal' | 'Warning', { reason, message }: Refusal): void {
    if (!this.#options.reachable()) return;
    this.#options.events.record(WasmCloudActor, actor, { type, reason, action: 'Start', note: message });
  }

  async #tell(
    actor: ActorObject,
    running: RunningActor | undefined,
    refusal: Refusal | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, now } = this.#options;
    const { generation } = actor.metadata;
    const observed = generation === undefined ? {} : { observedGeneration: generation };
    const ready: ConditionUpdate = {
      type: conditionTypes.ready,
      ...observed,
      ...(refusal === undefined ? { status: 'True', reason: 'Running', message: '' } : { status: 'False', ...refusal }),
    };
    const fields: ActorStatus = {
      ...observed,
      instances: running === undefined ? 0 : actor.spec.instances,
      ...(refusal === undefined && { image: actor.spec.image }),
      ...(running !== undefined && { imageDigest: running.digest, exports: exportsOf(running) }),
    };
    const options = { now: new Date(now()).toISOString(), fieldManager: fieldManagers.host, signal };
    await updateStatus<ActorStatus, ActorObject>(
      client,
      WasmCloudActor,
      actor,
      { conditions: [ready], fields },
      options,
    );
  }
}

/** Refused for a reason of the host's own. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

export const serves = (lattices: readonly string[], namespace: string): boolean =>
  lattices.includes('*') || lattices.includes(namespace);

/** The Secrets of the actor's ends of links, by name of the link, and then its own, which are stronger. */
const secretsOf = ({ spec }: ActorObject, links: readonly LinkObject[]): SecretReference[] => [
  ...links
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap((link) => linkSecrets(link, spec.id)),
  ...secretReferences(spec.secrets, spec.secretAccounts),
];

const exportsOf = ({ component }: RunningActor): string[] =>
  component.exports.flatMap(({ name }) => (name === '' ? [] : [name]));

/** Errors that are facts about the Actor; any other is a fault and is tried again. */
function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof ImageError || error instanceof RefusedError)
    return { reason: error.reason, message: error.message };
  if (error instanceof SecretError) return { reason: error.reason, message: error.message };
  if (error instanceof PullBackOffError) return { reason: 'ImagePullBackOff', message: error.message };
  if (error instanceof ComponentError) return { reason: 'InvalidComponent', message: error.message };
  if (error instanceof WorkerLostError) return { reason: 'WorkerLost', message: error.message };
  if (error instanceof LinkError) return { reason: 'ImportMissing', message: error.message };
  if (error instanceof ConfigMissingError) return { reason: 'ConfigMissing', message: error.message };
  if (error instanceof LimitError) return { reason: 'InvalidLimits', message: error.message };
  return undefined;
}
