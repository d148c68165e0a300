import { createHash } from 'node:crypto';
import { keyOf, type ActorObject, type ProviderObject } from '@kasmcloud/kube-api';
import { carriedAnnotations } from '@kasmcloud/wire';
import { byName } from '../by-name.ts';
import { latticeLimits, type LatticeLimits } from '../limits.ts';

/** What Kubernetes wants of one id on one legacy host. */
export interface Wanted {
  readonly kind: 'component' | 'provider';
  readonly id: string;
  readonly image: string;
  /** Calls at once; 1 for a provider. */
  readonly instances: number;
  /** Names of ConfigMaps. */
  readonly config: readonly string[];
  readonly secrets: readonly string[];
  readonly limits: LatticeLimits;
  /** Hash of all that cannot be changed while it runs. */
  readonly content: string;
  /** The objects that say so, all of which hear how it goes. */
  readonly objects: readonly (ActorObject | ProviderObject)[];
}

/** By kind and id. Several Actors of one id on one host are one component there, with the room of all. */
export function wantedOf(
  actors: readonly ActorObject[],
  providers: readonly ProviderObject[],
): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const actor of byName(actors)) {
    const { id, image, instances, config = [], secrets = [], limits } = actor.spec;
    const key = workKey('component', id);
    const known = wanted.get(key);
    if (known !== undefined)
      wanted.set(key, { ...known, instances: known.instances + instances, objects: [...known.objects, actor] });
    else
      wanted.set(
        key,
        made({
          kind: 'component',
          id,
          image,
          instances,
          config,
          secrets,
          limits: latticeLimits(limits),
          objects: [actor],
        }),
      );
  }
  for (const provider of byName(providers)) {
    const { id, image, config = [], secrets = [] } = provider.spec;
    const key = workKey('provider', id);
    const objects = [...(wanted.get(key)?.objects ?? []), provider];
    wanted.set(key, made({ kind: 'provider', id, image, instances: 1, config, secrets, limits: {}, objects }));
  }
  return wanted;
}

export const workKey = (kind: Wanted['kind'], id: string): string => `${kind} ${id}`;

/** What is said of it to the host, and told again by the host. */
export const annotationsFor = ({ objects, content }: Wanted): Record<string, string> => ({
  [carriedAnnotations.object]: objects[0] === undefined ? '' : keyOf(objects[0]),
  [carriedAnnotations.content]: content,
});

function made(parts: Omit<Wanted, 'content'>): Wanted {
  const { image, config, secrets, limits } = parts;
  const text = JSON.stringify([image, config, secrets, limits]);
  return { ...parts, content: createHash('sha256').update(text).digest('hex').slice(0, 16) };
}
