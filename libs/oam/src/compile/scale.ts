import type { DistributionSpec } from '@kasmcloud/kube-api';
import { scalersOf, traitTypes, type Component } from '../application.ts';

/**
 * Numbers and groups of a scaler. Without one, as in wadm: a component is not started, a provider runs once; but a
 * `distribution` trait alone speaks for itself.
 */
export function scale(component: Component): Pick<DistributionSpec, 'replicas' | 'mode' | 'groups'> {
  const [scaler] = scalersOf(component);
  if (scaler === undefined) {
    if (component.traits.some(({ type }) => type === traitTypes.distribution)) return {};
    return { replicas: component.type === 'capability' ? 1 : 0 };
  }
  const { instances, spread } = scaler;
  const groups = spread.map(({ name, requirements, weight }) => ({ name, requirements: { ...requirements }, weight }));
  const grouped = groups.length === 0 ? {} : { groups };
  if (scaler.type === traitTypes.spread) return { replicas: instances, ...grouped };
  // A host runs a provider once: the number of a daemon provider says only whether.
  const replicas = component.type === 'capability' ? Math.min(1, instances) : instances;
  return { replicas, mode: 'Daemon', ...grouped };
}
