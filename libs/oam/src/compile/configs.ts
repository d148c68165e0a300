import type { Application, Config } from '../application.ts';
import type { Problems } from '../problem.ts';
import { configName, objectName } from './names.ts';

/** A ConfigMap to be made. */
export interface CompiledConfig {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  /** Name under which wadm would keep it in the lattice. */
  readonly latticeName: string;
}

/** Gathers the config of one application: each is made once, however often it is named. */
export class Configs {
  readonly #application: Application;
  readonly #object: string;
  readonly #problems: Problems;
  readonly #made = new Map<string, CompiledConfig>();

  constructor(application: Application, object: string, problems: Problems) {
    this.#application = application;
    this.#object = object;
    this.#problems = problems;
  }

  /** Names of the ConfigMaps for a list of config. */
  take(configs: readonly Config[]): string[] {
    return configs.map((config) => this.#take(config));
  }

  get all(): CompiledConfig[] {
    return [...this.#made.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  #take({ name, properties, path }: Config): string {
    // Managed elsewhere: a ConfigMap of that name must be there.
    if (properties === undefined) return objectName(name);
    for (const key of Object.keys(properties))
      if (!/^[-._A-Za-z0-9]{1,253}$/.test(key))
        this.#problems.error(
          [...path, 'properties', key],
          'a key of a ConfigMap is made of letters, digits, -, _ and .',
        );
    const object = objectName(this.#object, name);
    const known = this.#made.get(object);
    if (known !== undefined && !isSame(known.data, properties))
      this.#problems.error(path, `Config '${name}' is written twice with different properties: give one another name`);
    this.#made.set(object, { name: object, data: properties, latticeName: configName(this.#application.name, name) });
    return object;
  }
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
