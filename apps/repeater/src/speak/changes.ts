import type { HostEvent } from '@kasmcloud/wire';
import type { SpokenHost } from './inventory.ts';

/** An event without its id. */
export type Told = HostEvent extends infer E ? (E extends HostEvent ? Omit<E, 'id'> : never) : never;

/** What a lattice must be told so that it knows `after` when it knew `before`; undefined is a host that is not there. */
export function changesOf(before: SpokenHost | undefined, after: SpokenHost | undefined): Told[] {
  if (after === undefined) {
    return before === undefined
      ? []
      : [{ name: 'host_stopped', source: before.id, data: { labels: { ...before.labels } } }];
  }
  return [...startOf(before, after), ...componentChanges(before, after), ...providerChanges(before, after)];
}

function startOf(before: SpokenHost | undefined, { id, friendlyName, labels, version }: SpokenHost): Told[] {
  if (before !== undefined) return [];
  const data = { friendly_name: friendlyName, labels: { ...labels }, uptime_seconds: 0, version };
  return [{ name: 'host_started', source: id, data }];
}

function componentChanges(before: SpokenHost | undefined, after: SpokenHost): Told[] {
  const scaled = (id: string, image: string, instances: number): Told => ({
    name: 'component_scaled',
    source: after.id,
    data: { annotations: {}, host_id: after.id, image_ref: image, max_instances: instances, component_id: id },
  });
  const told: Told[] = [];
  for (const { id, image, instances } of after.components.values()) {
    const known = before?.components.get(id);
    if (known?.image !== image || known.instances !== instances) told.push(scaled(id, image, instances));
  }
  for (const { id, image } of before?.components.values() ?? []) {
    if (!after.components.has(id)) told.push(scaled(id, image, 0));
  }
  return told;
}

function providerChanges(before: SpokenHost | undefined, after: SpokenHost): Told[] {
  const told: Told[] = [];
  for (const { id, image } of before?.providers.values() ?? []) {
    if (after.providers.get(id)?.image === image) continue;
    const data = { host_id: after.id, provider_id: id, annotations: {}, reason: 'stop' };
    told.push({ name: 'provider_stopped', source: after.id, data });
  }
  for (const { id, image } of after.providers.values()) {
    if (before?.providers.get(id)?.image === image) continue;
    const data = { host_id: after.id, image_ref: image, provider_id: id, annotations: {} };
    told.push({ name: 'provider_started', source: after.id, data });
  }
  return told;
}
