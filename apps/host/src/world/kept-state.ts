import {
  keyOf,
  type ActorObject,
  type HostObject,
  type KubeObject,
  type LinkObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';

/** A Secret as hosts read it. */
export type SecretObject = KubeObject & {
  readonly type?: string;
  /** In base64. */
  readonly data?: Readonly<Record<string, string>>;
  /** For which accounts components may see it, as the API server said when it was last asked; see `Secrets.readGranted`. */
  readonly grantedTo?: readonly string[];
};

/** A ConfigMap that carries the config label. */
export type ConfigObject = Pick<KubeObject, 'metadata'> & { readonly data: Readonly<Record<string, string>> };

/** Links and config of one namespace. */
export interface KeptNamespace {
  readonly links: readonly LinkObject[];
  readonly configs: readonly ConfigObject[];
}

/** What a host needs to run again without its API server. */
export interface KeptState {
  readonly host: HostObject;
  readonly actors: readonly ActorObject[];
  readonly providers: readonly ProviderObject[];
  readonly namespaces: Readonly<Record<string, KeptNamespace>>;
  readonly secrets: readonly SecretObject[];
}

/** The state as text: the same for the same world, whatever the order in which it became known. */
export function writeState({ host, actors, providers, namespaces, secrets }: KeptState): string {
  const sorted = Object.entries(namespaces).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const state: KeptState = {
    host: withoutStatus(host),
    actors: inOrder(actors).map(withoutStatus),
    providers: inOrder(providers).map(withoutStatus),
    namespaces: Object.fromEntries(
      sorted.map(([name, { links, configs }]) => [
        name,
        { links: inOrder(links).map(withoutStatus), configs: inOrder(configs).map(withoutVersion) },
      ]),
    ),
    secrets: inOrder(secrets).map(withoutVersion),
  };
  return JSON.stringify(state);
}

/** What `writeState` wrote. The text is trusted: only this host can have sealed it. */
export const readState = (text: string): KeptState => JSON.parse(text) as KeptState;

const inOrder = <T extends Pick<KubeObject, 'metadata'>>(objects: readonly T[]): T[] =>
  objects.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/** A status is told anew, and changes too often to be written each time; so does the version that comes with it. */
function withoutStatus<T extends KubeObject>(object: T): T {
  const { status: _, ...rest } = withoutVersion(object);
  return rest as T;
}

function withoutVersion<T extends Pick<KubeObject, 'metadata'>>(object: T): T {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
