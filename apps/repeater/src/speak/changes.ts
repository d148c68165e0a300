import { isDeepStrictEqual } from 'node:util';
import type { HostEvent } from '@kasmcloud/wire';
import type { SpokenComponent, SpokenFailure, SpokenHost, SpokenProvider } from './inventory.ts';

/** An event without its id. */
export type Told = HostEvent extends infer E ? (E extends HostEvent ? Omit<E, 'id'> : never) : never;

/** What a lattice must be told so that it knows `after` when it knew `before`; undefined is a host that is not there. */
export function changesOf(before: SpokenHost | undefined, after: SpokenHost | undefined): Told[] {
  if (after === undefined) {
    return before === undefined
      ? []
      : [{ name: 'host_stopped', source: before.id, data: { labels: { ...before.labels } } }];
  }
  return [
    ...startOf(before, after),
    ...labelChanges(before, after),
    ...componentChanges(before, after),
    ...providerChanges(before, after),
    ...newFailures(before, after),
  ];
}

function startOf(before: SpokenHost | undefined, { id, friendlyName, labels, version }: SpokenHost): Told[] {
  if (before !== undefined) return [];
  const data = { friendly_name: friendlyName, labels: { ...labels }, uptime_seconds: 0, version };
  return [{ name: 'host_started', source: id, data }];
}

function labelChanges(before: SpokenHost | undefined, { id, labels }: SpokenHost): Told[] {
  if (before === undefined || isDeepStrictEqual(before.labels, labels)) return [];
  return [{ name: 'labels_changed', source: id, data: { host_id: id, labels: { ...labels } } }];
}

/** That a component may run so many calls at once on a host; none when it is stopped. */
export const scaledEvent = (host: string, { id, image, instances, annotations }: SpokenComponent): Told => ({
  name: 'component_scaled',
  source: host,
  data: {
    annotations: { ...annotations },
    host_id: host,
    image_ref: image,
    max_instances: instances,
    component_id: id,
  },
});

function componentChanges(before: SpokenHost | undefined, after: SpokenHost): Told[] {
  const told: Told[] = [];
  for (const component of after.components.values()) {
    const known = before?.components.get(component.id);
    if (!isDeepStrictEqual(known, component)) told.push(scaledEvent(after.id, component));
  }
  for (const component of before?.components.values() ?? []) {
    if (!after.components.has(component.id)) told.push(scaledEvent(after.id, { ...component, instances: 0 }));
  }
  return told;
}

function providerChanges(before: SpokenHost | undefined, after: SpokenHost): Told[] {
  const told: Told[] = [];
  for (const { id, image, annotations } of before?.providers.values() ?? []) {
    if (after.providers.get(id)?.image === image) continue;
    const data = { host_id: after.id, provider_id: id, annotations: { ...annotations }, reason: 'stop' };
    told.push({ name: 'provider_stopped', source: after.id, data });
  }
  for (const { id, image, annotations } of after.providers.values()) {
    if (before?.providers.get(id)?.image === image) continue;
    const data = { host_id: after.id, image_ref: image, provider_id: id, annotations: { ...annotations } };
    told.push({ name: 'provider_started', source: after.id, data }, healthEvent('passed', after.id, { id }));
  }
  return told;
}

/** `passed` and `failed` say that it was otherwise before. */
export const healthEvent = (
  outcome: 'passed' | 'failed' | 'status',
  host: string,
  { id }: Pick<SpokenProvider, 'id'>,
): Told => ({ name: `health_check_${outcome}`, source: host, data: { host_id: host, provider_id: id } });

function newFailures(before: SpokenHost | undefined, after: SpokenHost): Told[] {
  return [...after.failures].flatMap(([key, failure]) =>
    isDeepStrictEqual(before?.failures.get(key), failure) ? [] : failureEvents(before, after.id, failure),
  );
}

function failureEvents(before: SpokenHost | undefined, host: string, failure: SpokenFailure): Told[] {
  const { id, image, error, annotations } = failure;
  if (failure.kind === 'component') {
    const data = { annotations: { ...annotations }, host_id: host, image_ref: image, component_id: id };
    return [
      {
        name: 'component_scale_failed',
        source: host,
        data: { ...data, max_instances: failure.instances, error },
      },
    ];
  }
  const wasRunning = before?.providers.has(id) === true;
  const data = { host_id: host, provider_ref: image, provider_id: id, error };
  return [
    ...(wasRunning ? [healthEvent('failed', host, failure)] : []),
    { name: 'provider_start_failed', source: host, data },
  ];
}
