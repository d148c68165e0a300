import type { KubeObject } from '../object.ts';

const texts = new WeakMap<KubeObject, string>();

/** JSON of an object of the store, made once for the disk, for every list and for every watcher: stored objects never change. */
export function storedText(object: KubeObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}
