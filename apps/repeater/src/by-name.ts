import type { ActorObject, ProviderObject } from '@kasmcloud/kube-api';

/** In the order of their names, so that the same objects always come to the same. */
export const byName = <T extends ActorObject | ProviderObject>(objects: readonly T[]): T[] =>
  objects.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
