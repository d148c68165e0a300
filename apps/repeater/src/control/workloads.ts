import {
  annotations,
  conditionTypes,
  fieldManagers,
  isConditionTrue,
  labels,
  latticeUser,
  MANAGED_BY_LATTICE,
  WasmCloudActor,
  WasmCloudProvider,
  type ActorObject,
  type ActorSpec,
  type Kind,
  type ObjectMeta,
  type ProviderObject,
  type ProviderSpec,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import {
  ctlDone,
  type CtlResponse,
  type ScaleComponentCommand,
  type StartProviderCommand,
  type StopProviderCommand,
  type UpdateComponentCommand,
} from '@kasmcloud/wire';
import { actorLimits } from '../limits.ts';
import type { ConfigNames } from '../mirror/shapes.ts';
import { scaledEvent, type Told } from '../speak/changes.ts';
import { annotationsOf } from '../speak/inventory.ts';
import { isLatticeId, nameOf, splitConfig } from './names.ts';
import { ownerOf, requireOwn } from './ownership.ts';
import { RefusedError } from './refused.ts';

/** One KasmCloud host, and the cluster that it is in. */
export interface CommandedHost {
  /** Public key by which the lattice knows it. */
  readonly id: string;
  /** Of its WasmCloudHost. */
  readonly name: string;
  readonly cluster: string;
  readonly client: KubeClient;
  /** Whether the cluster has the lattice's namespace. */
  readonly sharesLattice: boolean;
}

export interface WorkloadsOptions {
  readonly lattice: string;
  /** Every Actor or Provider of this id in the lattice, in whichever cluster. */
  readonly everywhere: (id: string) => readonly (ActorObject | ProviderObject)[];
  /** What configs of the lattice are called in Kubernetes. */
  readonly names: Pick<ConfigNames, 'onHub'>;
  readonly tell: (told: Told) => void;
}

/** Most that an Actor may ask for; clients that want no bound ask for 2³² - 1. */
const MOST_INSTANCES = 1_000_000;

interface Call {
  readonly host: CommandedHost;
  readonly signal: AbortSignal;
}

/**
 * Commands of a lattice's clients to KasmCloud hosts, made true as Actors and Providers of the host's cluster. The answer
 * comes when the resource is written; what the host makes of it is told by events. Every method throws RefusedError.
 */
export class Workloads {
  readonly #options: WorkloadsOptions;

  constructor(options: WorkloadsOptions) {
    this.#options = options;
  }

  async scale(command: ScaleComponentCommand, call: Call): Promise<CtlResponse<never>> {
    const { component_id: id, component_ref: wanted, count, annotations: given } = command;
    const standing = await this.#standing<ActorObject>(WasmCloudActor, id, call);
    if (count === 0) return this.#stop(command, standing, call);
    const image = standing === undefined || command.allow_update ? wanted : standing.spec.image;
    if (image === '') throw new RefusedError(`component ${id}: there is no component_ref to start it from`);
    const limits = actorLimits(command.component_limits ?? {});
    const written = await this.#write<ActorObject>(
      WasmCloudActor,
      standing,
      {
        hostName: call.host.name,
        id,
        image,
        ...this.#namedConfig(command.config),
        ...(limits !== undefined && { limits }),
        instances: Math.min(count, MOST_INSTANCES),
      },
      given ?? (standing === undefined ? {} : annotationsOf(standing)),
      call,
    );
    // Nothing changes that the host could tell of, and yet whoever asked waits for the event.
    if (standing?.metadata.generation === written.metadata.generation && isReady(written))
      this.#options.tell(scaledEvent(call.host.id, toComponent(written)));
    return ctlDone(standing === undefined ? '' : imageNote(standing.spec.image, wanted, command.allow_update));
  }

  async update(command: UpdateComponentCommand, call: Call): Promise<CtlResponse<never>> {
    const { component_id: id, new_component_ref: image, annotations: given } = command;
    const standing = await this.#standing<ActorObject>(WasmCloudActor, id, call);
    if (standing === undefined) throw new RefusedError(`component ${id} not found`);
    const { image: before } = standing.spec;
    if (before === image) return ctlDone(`component ${id} already updated to ${image}`);
    await this.#write(WasmCloudActor, standing, { ...standing.spec, image }, given ?? {}, call);
    return ctlDone(`component ${id} updating from ${before} to ${image}`);
  }

  async startProvider(command: StartProviderCommand, call: Call): Promise<CtlResponse<never>> {
    const { provider_id: id, provider_ref: image, annotations: given } = command;
    const standing = await this.#standing<ProviderObject>(WasmCloudProvider, id, call);
    if (standing !== undefined && isReady(standing)) throw new RefusedError('provider with that ID is already running');
    const spec = { hostName: call.host.name, id, image, ...this.#namedConfig(command.config) };
    await this.#write(WasmCloudProvider, standing, spec, given ?? {}, call);
    return ctlDone('successfully started provider');
  }

  async stopProvider({ provider_id: id }: StopProviderCommand, call: Call): Promise<CtlResponse<never>> {
    const standing = await this.#standing<ProviderObject>(WasmCloudProvider, id, call);
    if (standing === undefined) throw new RefusedError('provider with that ID is not running');
    await this.#delete(WasmCloudProvider, standing.metadata, call);
    return ctlDone('successfully stopped provider');
  }

  /** Ends what clients of the lattice started on a host; what others own stays theirs. */
  async stopAll(call: Call): Promise<void> {
    for (const kind of [WasmCloudActor, WasmCloudProvider])
      for (const object of await this.#list<ActorObject | ProviderObject>(kind, call))
        if (ownerOf(object) === undefined) await this.#delete(kind, object.metadata, call);
  }

  async #stop(
    { component_id: id, component_ref: image, annotations: given }: ScaleComponentCommand,
    standing: ActorObject | undefined,
    call: Call,
  ): Promise<CtlResponse<never>> {
    if (standing !== undefined) await this.#delete(WasmCloudActor, standing.metadata, call);
    // Of what the lattice was never told it hears no end either; whoever asked waits for it.
    if (standing === undefined || !isReady(standing))
      this.#options.tell(
        scaledEvent(call.host.id, { id, image: standing?.spec.image ?? image, instances: 0, annotations: given ?? {} }),
      );
    return ctlDone();
  }

  /** What there is of the id on the host, if the lattice's clients may change it. */
  async #standing<T extends ActorObject | ProviderObject>(kind: Kind, id: string, call: Call): Promise<T | undefined> {
    const { lattice, everywhere } = this.#options;
    const { cluster, sharesLattice } = call.host;
    if (!isLatticeId(id)) throw new RefusedError(`${id.slice(0, 200)} is no id: letters, digits, - and _, at most 128`);
    if (!sharesLattice) throw new RefusedError(`cluster ${cluster} has no namespace ${lattice} that is a lattice`);
    const what = `${kind === WasmCloudActor ? 'component' : 'provider'} ${id}`;
    // The id is the address: what a Distribution runs elsewhere would share its calls with this one.
    for (const one of everywhere(id))
      if (one.metadata.labels?.[labels.distribution] !== undefined) requireOwn(what, one);
    const standing = (await this.#list<T>(kind, call)).find(({ spec }) => spec.id === id);
    if (standing !== undefined) requireOwn(what, standing);
    return standing;
  }

  /** Asked of the API server itself: a client may stop at once what it has just started. */
  async #list<T extends ActorObject | ProviderObject>(kind: Kind, { host, signal }: Call): Promise<readonly T[]> {
    const options = { namespace: this.#options.lattice, fieldSelector: `spec.hostName=${host.name}`, signal };
    const { items } = await host.client.list<T>(kind, options);
    return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  async #write<T extends ActorObject | ProviderObject>(
    kind: Kind,
    standing: T | undefined,
    spec: ActorSpec | ProviderSpec,
    said: Readonly<Record<string, string>>,
    { host, signal }: Call,
  ): Promise<T> {
    const { lattice } = this.#options;
    const metadata = {
      name: standing?.metadata.name ?? nameOf(spec.id, host.name),
      namespace: lattice,
      labels: { [labels.managedBy]: MANAGED_BY_LATTICE, [labels.cluster]: host.cluster },
      ...(Object.keys(said).length > 0 && { annotations: { [annotations.latticeAnnotations]: JSON.stringify(said) } }),
    };
    const options = { fieldManager: fieldManagers.lattice, force: true, signal };
    return host.client.as(latticeUser(lattice)).apply<T>(kind, { metadata, spec }, options);
  }

  #namedConfig(names: readonly string[]): { config?: string[]; secrets?: string[] } {
    const { config, secrets } = splitConfig(names, this.#options.names);
    return { ...(config.length > 0 && { config }), ...(secrets.length > 0 && { secrets }) };
  }

  async #delete(kind: Kind, { name, uid }: ObjectMeta, { host, signal }: Call): Promise<void> {
    const { lattice } = this.#options;
    await host.client.as(latticeUser(lattice)).delete(kind, name, lattice, { uid, signal });
  }
}

const isReady = ({ metadata, status }: ActorObject | ProviderObject): boolean =>
  isConditionTrue(status?.conditions, conditionTypes.ready) && status?.observedGeneration === metadata.generation;

const toComponent = (actor: ActorObject) => ({
  id: actor.spec.id,
  image: actor.spec.image,
  instances: actor.spec.instances,
  annotations: annotationsOf(actor),
});

/** What hosts say when the image of a running component is asked to be another one. */
function imageNote(before: string, wanted: string, isUpdate: boolean): string {
  if (wanted === '' || before === wanted) return '';
  return isUpdate
    ? `Requested to scale existing component, with a changed image reference: ${before} != ${wanted}. The component will be scaled, and the image reference will be updated afterwards.`
    : `Requested to scale existing component to a different image reference: ${before} != ${wanted}. The component will be scaled but the image reference will not be updated. If you meant to update this component to a new image ref, use the update command.`;
}
