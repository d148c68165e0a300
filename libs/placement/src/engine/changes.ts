import type { Current, Distribution } from '../model/distribution.ts';
import type { ClusterPlan } from '../model/plan.ts';
import type { Cluster, Host, NamespaceBounds } from '../model/snapshot.ts';

/** What is different from now on. What is named here takes the place of what had its name; the rest stays. */
export interface Changes {
  readonly clusters?: readonly Cluster[];
  readonly hosts?: readonly Host[];
  /** With what stands of them: `current` is read anew. */
  readonly distributions?: readonly Distribution[];
  /** All bounds of namespaces, in the place of those before. */
  readonly namespaces?: readonly NamespaceBounds[];
  readonly removed?: {
    readonly clusters?: readonly string[];
    readonly hosts?: readonly { readonly cluster: string; readonly name: string }[];
    /** Keys. */
    readonly distributions?: readonly string[];
  };
}

/** Whether a host is arranged in the trees as it was before: only what it may take and how much has changed. */
export function isArrangedAs(before: Host, now: Host): boolean {
  return (
    isEqual(before.labels, now.labels) &&
    isEqual(before.taints, now.taints) &&
    before.isPods === now.isPods &&
    isEqual(before.lattices, now.lattices) &&
    isEqual(before.interfaces, now.interfaces) &&
    isEqual(before.ports ?? [], now.ports ?? [])
  );
}

/** The same of a cluster. An unreachable one may bring hosts that only Placements name: that is another arrangement. */
export function isClusterArrangedAs(before: Cluster, now: Cluster): boolean {
  const ghosts = before.reach === 'Unreachable' || now.reach === 'Unreachable';
  return (
    isEqual(before.labels, now.labels) && isEqual(before.taints, now.taints) && (!ghosts || before.reach === now.reach)
  );
}

/** Whether two specs are the same, whatever stands of them. */
export function isSameWish(before: Distribution, now: Distribution): boolean {
  const fields = new Map(Object.entries(before));
  return Object.entries(now).every(([name, value]) => name === 'current' || isEqual(fields.get(name), value));
}

/** Whether what stands is exactly what was planned, with nothing failed. */
export function stands(current: readonly Current[], clusters: readonly ClusterPlan[]): boolean {
  let hosts = 0;
  for (const one of clusters) hosts += one.hosts.length;
  if (current.length !== hosts) return false;
  const planned = new Map(clusters.map((one) => [one.cluster, one.hosts]));
  return current.every(
    ({ cluster, host, replicas, failed = 0 }) =>
      failed === 0 && planned.get(cluster)?.some((one) => one.host === host && one.replicas === replicas) === true,
  );
}

/** Whether plain data is equal, field by field. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Map && b instanceof Map) return isEqual([...a], [...b]);
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && isEqual(value, right.get(key)));
}
