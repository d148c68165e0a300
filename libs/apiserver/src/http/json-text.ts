import type { KubeObject } from '../object.ts';

const texts = new WeakMap<KubeObject, string>();

/** JSON of an object of the store, made once however many lists and watchers it goes to: stored objects never change. */
export function jsonText(object: KubeObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}
