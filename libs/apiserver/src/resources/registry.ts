import { apiVersion } from '../object.ts';
import type { Resource } from './resource.ts';

export interface GroupVersions {
  readonly group: string;
  /** The preferred version first. */
  readonly versions: readonly string[];
}

/** The groups that every cluster has, in the order of a kube-apiserver: kubectl resolves short names by it. */
const groupOrder = [
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'rbac.authorization.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
];

const id = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`;

/** The resources served now: the built-in ones, and one set for each established CustomResourceDefinition. */
export class Registry {
  readonly #builtins: readonly Resource[];
  readonly #custom = new Map<string, readonly Resource[]>();
  #byPath = new Map<string, Resource>();
  #revision = 0;

  constructor(builtins: readonly Resource[]) {
    this.#builtins = builtins;
    this.#index();
  }

  /** Grows with every change of what is served, so that derived documents can be cached. */
  get revision(): number {
    return this.#revision;
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byPath.get(id(group, version, plural));
  }

  hasBuiltin(group: string): boolean {
    return this.#builtins.some((resource) => resource.group === group);
  }

  all(): Iterable<Resource> {
    return this.#byPath.values();
  }

  inVersion(group: string, version: string): readonly Resource[] {
    return [...this.#byPath.values()].filter((resource) => resource.group === group && resource.version === version);
  }

  /** One resource per bucket: what must be looked through to see every object once. */
  buckets(): readonly Resource[] {
    return [...new Map([...this.#byPath.values()].map((resource) => [resource.bucket, resource])).values()];
  }

  /** The resource of a kind, by which owner references and field managers name it. */
  ofKind(objectApiVersion: string, kind: string): Resource | undefined {
    for (const resource of this.#byPath.values()) {
      if (resource.kind === kind && apiVersion(resource) === objectApiVersion) return resource;
    }
    return undefined;
  }

  /** Groups in the order of discovery: the core group is left out. */
  groups(): readonly GroupVersions[] {
    const groups = new Map<string, Set<string>>(groupOrder.map((group) => [group, new Set()]));
    for (const { group, version } of this.#byPath.values()) {
      if (group === '') continue;
      groups.set(group, (groups.get(group) ?? new Set()).add(version));
    }
    return [...groups]
      .filter(([, versions]) => versions.size > 0)
      .map(([group, versions]) => ({ group, versions: [...versions].toSorted(compareVersions) }));
  }

  setCustom(definition: string, resources: readonly Resource[]): void {
    this.#custom.set(definition, resources);
    this.#index();
  }

  removeCustom(definition: string): void {
    if (this.#custom.delete(definition)) this.#index();
  }

  #index(): void {
    const all = [...this.#builtins, ...[...this.#custom.values()].flat()];
    this.#byPath = new Map(all.map((resource) => [id(resource.group, resource.version, resource.plural), resource]));
    this.#revision += 1;
  }
}

const versionPattern = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const stability = { alpha: 0, beta: 1, stable: 2 };

/** Kubernetes' order of version names: stable before beta before alpha, then the higher number, then others by name. */
export function compareVersions(a: string, b: string): number {
  const left = rank(a);
  const right = rank(b);
  for (const [index, value] of left.entries()) {
    const difference = (right[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(version: string): readonly number[] {
  const match = versionPattern.exec(version);
  if (match === null) return [-1, 0, 0];
  const level = match[2] === 'alpha' || match[2] === 'beta' ? match[2] : 'stable';
  return [stability[level], Number(match[1]), Number(match[3] ?? 0)];
}
