import {
  Application,
  builtin,
  labels,
  WasmCloudActor,
  WasmCloudDistribution,
  WasmCloudLink,
  WasmCloudProvider,
  type ApplicationObject,
  type Kind,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { openBucket, type LatticeConnection } from '@kasmcloud/lattice';
import {
  configBucket,
  controlSubject,
  decodeInventoryReply,
  encodeJson,
  latticeBucket,
  wadmSubject,
} from '@kasmcloud/wire';
import { z } from 'zod';
import type { State } from '../e2e/kasm.ts';
import { hostsOf } from './legacy-host.ts';
import { askWadm, type WadmAnswer } from './ways.ts';

const REQUEST_MS = 30_000;

/** What is different each time that an object is made: ids, times, and how often it was written. */
const PASSING = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'observedGeneration',
  'epoch',
  'creationTimestamp',
  'lastTransitionTime',
  'since',
  'managedFields',
]);

const versionsReply = z.object({ versions: z.array(z.object({ version: z.string(), deployed: z.boolean() })) });
const listReply = z.object({ models: z.array(z.looseObject({ deployed_version: z.string().nullable() })) });

/** All that is to be seen of an application, in every place where there is something of it. */
export interface Sight {
  /** The Application's status; undefined when there is no Application. */
  readonly application: ApplicationObject['status'];
  /** Distributions, Links and ConfigMaps on the hub, by kind and name. */
  readonly hub: Readonly<Record<string, unknown>>;
  /** Actors and Providers in the members, by cluster, kind and name. */
  readonly members: Readonly<Record<string, unknown>>;
  /** What hosts run by their own word: images and counts, by id and host. */
  readonly hosts: Readonly<Record<string, Readonly<Record<string, readonly [image: string, count: number]>>>>;
  /** Links and config in the lattice's buckets. */
  readonly lattice: Readonly<Record<string, unknown>>;
  /** What the wadm API says of what is deployed: its status, its place in the list, its manifest. */
  readonly wadm: Readonly<Record<string, unknown>>;
  /** Versions by the wadm API, the oldest first, the deployed one with a star. */
  readonly versions: readonly string[];
  /** Whether every status is of the object as it is now. */
  readonly isObserved: boolean;
}

/** Looks at one application of one lattice of a supercluster. */
export class Onlooker implements AsyncDisposable {
  readonly #connection: LatticeConnection;
  readonly #lattice: string;
  readonly #application: string;
  readonly #clients: ReadonlyMap<string, KubeClient>;
  readonly #hub: KubeClient;

  constructor(state: State, connection: LatticeConnection, lattice: string, application: string) {
    this.#connection = connection;
    this.#lattice = lattice;
    this.#application = application;
    this.#clients = new Map(state.clusters.map(({ name, kubeconfig }) => [name, open(kubeconfig)]));
    this.#hub = open(state.kubeconfig);
  }

  async look(): Promise<Sight> {
    const application = await this.#hub.find<ApplicationObject>(Application, this.#application, this.#lattice);
    const made = [
      ...(await this.#list(this.#hub, WasmCloudDistribution)),
      ...(await this.#list(this.#hub, WasmCloudLink)),
      ...(await this.#list(this.#hub, builtin.ConfigMap, labels.config)),
    ];
    const placed: [string, KubeObject][] = [];
    for (const [cluster, client] of this.#clients) {
      const found = [...(await this.#list(client, WasmCloudActor)), ...(await this.#list(client, WasmCloudProvider))];
      placed.push(...found.map(([name, object]): [string, KubeObject] => [`${cluster}/${name}`, object]));
    }
    const known = [...made, ...placed].map(([, object]) => object);
    return {
      application: withoutPassing(application?.status) as Sight['application'],
      hub: contents(made),
      members: contents(placed),
      hosts: await this.#hosts(),
      lattice: await this.#buckets(),
      ...(await this.#wadm()),
      isObserved: [...known, ...(application === undefined ? [] : [application])].every(isObserved),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of [this.#hub, ...this.#clients.values()]) await client.close();
  }

  async #list(client: KubeClient, kind: Kind, labelSelector?: string): Promise<[string, KubeObject][]> {
    const selected = labelSelector === undefined ? {} : { labelSelector };
    const { items } = await client.list(kind, { namespace: this.#lattice, ...selected });
    return items.map((object) => [`${kind.kind} ${object.metadata.name}`, object]);
  }

  async #hosts(): Promise<Sight['hosts']> {
    const running: Record<string, Record<string, readonly [string, number]>> = {};
    for (const { id } of await hostsOf(this.#connection, this.#lattice)) {
      const subject = controlSubject.hostGet(this.#lattice, id);
      const { data } = await this.#connection.request(subject, new Uint8Array(0), { timeoutMs: REQUEST_MS });
      const { components = [], providers = [] } = decodeInventoryReply(data).response ?? {};
      for (const one of components) (running[one.id] ??= {})[id] = [one.image_ref, one.max_instances];
      for (const one of providers) (running[one.id] ??= {})[id] = [one.image_ref ?? '', 1];
    }
    return running;
  }

  async #buckets(): Promise<Sight['lattice']> {
    const found: Record<string, unknown> = {};
    for (const name of [latticeBucket(this.#lattice), configBucket(this.#lattice)]) {
      const bucket = await openBucket(this.#connection, name, { timeoutMs: REQUEST_MS });
      for (const key of await bucket.keys()) {
        const value = (await bucket.get(key))?.value;
        const said: unknown = value === undefined ? undefined : JSON.parse(new TextDecoder().decode(value));
        if (!isTrace(said)) found[`${name} ${key}`] = said;
      }
    }
    return found;
  }

  async #wadm(): Promise<Pick<Sight, 'wadm' | 'versions'>> {
    const ask = async (operation: string, name?: string, body?: object): Promise<WadmAnswer> => {
      const subject = wadmSubject.request(this.#lattice, operation, name);
      return askWadm(this.#connection, subject, body === undefined ? undefined : encodeJson(body));
    };
    const { versions } = versionsReply.parse(await ask('versions', this.#application));
    const { models } = listReply.parse(await ask('get'));
    const version = versions.find(({ deployed }) => deployed)?.version;
    return {
      wadm: {
        status: await ask('status', this.#application),
        list: models.map(withoutLatest),
        manifest: version === undefined ? undefined : await ask('get', this.#application, { version }),
      },
      versions: versions.map((one) => `${one.version}${one.deployed ? '*' : ''}`),
    };
  }
}

/** A wasmCloud host leaves a record without links of whatever has run on it. */
const traceSchema = z.object({ links: z.array(z.unknown()).length(0) });
const isTrace = (said: unknown): boolean => traceSchema.safeParse(said).success;

/** The list tells of the version that was put last, deployed or not: `versions` is about that. */
function withoutLatest(model: z.infer<typeof listReply>['models'][number]): object {
  const latest = new Set(model.deployed_version === null ? ['version', 'description'] : ['version']);
  return Object.fromEntries(Object.entries(model).filter(([key]) => !latest.has(key)));
}

const open = (file: string): KubeClient => new KubeClient(loadKubeconfig({ file }));

const contents = (objects: readonly (readonly [string, KubeObject])[]): Record<string, unknown> =>
  Object.fromEntries(objects.map(([name, object]) => [name, withoutPassing(object)]));

/** Links and ConfigMaps have nothing to be observed. */
function isObserved({ kind, metadata, status }: KubeObject): boolean {
  if (kind === WasmCloudLink.kind || kind === builtin.ConfigMap.kind) return true;
  return Object.entries(status ?? {}).some(([key, of]) => key === 'observedGeneration' && of === metadata.generation);
}

function withoutPassing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPassing);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !PASSING.has(key));
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutPassing(one)]));
}
