import { builtin, labels, WasmCloudLink, type KubeObject, type LinkObject } from '@kasmcloud/kube-api';
import { Store, withoutManagedFields, type KubeClient } from '@kasmcloud/kube';
import type { Clock } from '@kasmcloud/reconcile';
import type { ConfigObject, KeptNamespace } from './kept-state.ts';

export interface ViewOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
  /** Links or config of the namespace changed. */
  readonly onChange: (namespace: string) => void;
}

/** Links and config of one namespace in which this host has work. */
export class NamespaceView {
  readonly #links: Store<LinkObject>;
  readonly #configs: Store<ConfigObject>;
  readonly #namespace: string;
  readonly #isSeeded: boolean;

  /** `kept` is what was known of it before this process: it counts until the API server answers. */
  constructor(namespace: string, options: ViewOptions, kept?: KeptNamespace) {
    const { onChange, ...rest } = options;
    this.#namespace = namespace;
    this.#isSeeded = kept !== undefined;
    this.#links = new Store<LinkObject>({
      ...rest,
      namespace,
      kind: WasmCloudLink,
      keep: (object) => withoutManagedFields(object as LinkObject),
    });
    this.#configs = new Store<ConfigObject>({
      ...rest,
      namespace,
      kind: builtin.ConfigMap,
      labelSelector: labels.config,
      keep: (object) => {
        const { metadata, data } = withoutManagedFields(object as KubeObject & { data?: Record<string, string> });
        return { metadata, data: data ?? {} };
      },
    });
    this.#links.seed(kept?.links ?? []);
    this.#configs.seed((kept?.configs ?? []).map((config) => ({ ...config, ...typeOfConfig })));
    this.#links.onChange(() => onChange(namespace));
    this.#configs.onChange(() => onChange(namespace));
  }

  get links(): readonly LinkObject[] {
    return this.#links.list();
  }

  /** Data of a ConfigMap that carries the config label. */
  readonly config = (name: string): Readonly<Record<string, string>> | undefined =>
    this.#configs.get(`${this.#namespace}/${name}`)?.data;

  /** Resolves when links and config are known: they were read once, or kept. */
  async synced(): Promise<void> {
    if (!this.#isSeeded) await Promise.all([this.#links.synced, this.#configs.synced]);
  }

  /** What a later process needs of it; undefined while it is not known. */
  kept(): KeptNamespace | undefined {
    const isKnown = this.#isSeeded || (this.#links.hasSynced && this.#configs.hasSynced);
    return isKnown ? { links: this.#links.list(), configs: this.#configs.list() } : undefined;
  }

  async close(): Promise<void> {
    await Promise.all([this.#links.close(), this.#configs.close()]);
  }
}

const typeOfConfig = { apiVersion: 'v1', kind: builtin.ConfigMap.kind, spec: undefined };

/** The namespaces in which this host has work: opened with the first object, closed after the last. */
export class NamespaceViews {
  readonly #options: ViewOptions;
  readonly #views = new Map<string, NamespaceView>();
  readonly #kept = new Map<string, KeptNamespace>();

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  open(namespace: string): NamespaceView {
    const known = this.#views.get(namespace);
    if (known !== undefined) return known;
    const view = new NamespaceView(namespace, this.#options, this.#kept.get(namespace));
    // Once it is open it knows better.
    this.#kept.delete(namespace);
    this.#views.set(namespace, view);
    return view;
  }

  get(namespace: string): NamespaceView | undefined {
    return this.#views.get(namespace);
  }

  /** What was known of namespaces before this process. */
  seed(namespaces: Readonly<Record<string, KeptNamespace>>): void {
    for (const [namespace, kept] of Object.entries(namespaces)) this.#kept.set(namespace, kept);
  }

  /** What is known of a namespace, open or not. */
  kept(namespace: string): KeptNamespace | undefined {
    return this.#views.get(namespace)?.kept() ?? this.#kept.get(namespace);
  }

  /** Closes the views of all namespaces but these. */
  async keep(namespaces: ReadonlySet<string>): Promise<void> {
    const unused = [...this.#views].filter(([namespace]) => !namespaces.has(namespace));
    for (const [namespace] of unused) this.#views.delete(namespace);
    await Promise.all(unused.map(([, view]) => view.close()));
  }

  async close(): Promise<void> {
    await this.keep(new Set());
  }
}
