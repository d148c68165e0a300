import type { Metrics } from '@kasmcloud/observe';
import type { HostLoad } from './registration/registration.ts';

/** What an operator's dashboard shows of a host. */
export function hostMetrics(metrics: Metrics, load: () => HostLoad): void {
  metrics.gauge({ name: 'actors', help: 'Actors that run here.', read: () => load().actors });
  metrics.gauge({ name: 'providers', help: 'Providers that run here.', read: () => load().providers });
  metrics.gauge({ name: 'instances', help: 'Instances that the actors here may use.', read: () => load().instances });
}
