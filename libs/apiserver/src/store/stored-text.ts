import type { KubeObject, StringMap } from '../object.ts';

const none: StringMap = {};
const texts = new WeakMap<KubeObject, string>();

/** JSON of an object of the store, made once for the disk, for every list and for every watcher: stored objects never change. */
export function storedText(object: KubeObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}

/**
 * An object as the store holds it: its JSON for as long as it is stored, and the object that it stands for as long as
 * somebody uses it. An object takes three times the memory of its JSON, and most are not looked at for hours. Its labels
 * stay at hand: every list by labels looks at those of every object.
 */
export class StoredObject {
  readonly text: string;
  #object: WeakRef<KubeObject> | undefined;
  #labels: StringMap | undefined;

  private constructor(text: string) {
    this.text = text;
  }

  static of(object: KubeObject): StoredObject {
    const stored = new StoredObject(storedText(object));
    stored.#object = new WeakRef(object);
    stored.#labels = object.metadata.labels;
    return stored;
  }

  /** @param text JSON that this store once wrote */
  static fromText(text: string): StoredObject {
    return new StoredObject(text);
  }

  get labels(): StringMap {
    this.#labels ??= this.object.metadata.labels ?? none;
    return this.#labels;
  }

  get object(): KubeObject {
    const used = this.#object?.deref();
    if (used !== undefined) return used;
    const object = JSON.parse(this.text) as KubeObject;
    texts.set(object, this.text);
    this.#object = new WeakRef(object);
    return object;
  }
}
