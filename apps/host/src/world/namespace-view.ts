import { builtin, labels, WasmCloudLink, type KubeObject, type LinkObject } from '@kasmcloud/kube-api';
import { Store, withoutManagedFields, type KubeClient } from '@kasmcloud/kube';
import type { Clock } from '@kasmcloud/reconcile';

type ConfigMap = Pick<KubeObject, 'metadata'> & { readonly data: Readonly<Record<string, string>> };

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
  readonly #configs: Store<ConfigMap>;
  readonly #namespace: string;

  constructor(namespace: string, options: ViewOptions) {
    const { onChange, ...rest } = options;
    this.#namespace = namespace;
    this.#links = new Store<LinkObject>({
      ...rest,
      namespace,
      kind: WasmCloudLink,
      keep: (object) => withoutManagedFields(object as LinkObject),
    });
    this.#configs = new Store<ConfigMap>({
      ...rest,
      namespace,
      kind: builtin.ConfigMap,
      labelSelector: labels.config,
      keep: (object) => {
        const { metadata, data } = withoutManagedFields(object as KubeObject & { data?: Record<string, string> });
        return { metadata, data: data ?? {} };
      },
    });
    this.#links.onChange(() => onChange(namespace));
    this.#configs.onChange(() => onChange(namespace));
  }

  get links(): readonly LinkObject[] {
    return this.#links.list();
  }

  /** Data of a ConfigMap that carries the config label. */
  readonly config = (name: string): Readonly<Record<string, string>> | undefined =>
    this.#configs.get(`${this.#namespace}/${name}`)?.data;

  /** Resolves when links and config were read once. */
  async synced(): Promise<void> {
    await Promise.all([this.#links.synced, this.#configs.synced]);
  }

  async close(): Promise<void> {
    await Promise.all([this.#links.close(), this.#configs.close()]);
  }
}

/** The namespaces in which this host has work: opened with the first object, closed after the last. */
export class NamespaceViews {
  readonly #options: ViewOptions;
  readonly #views = new Map<string, NamespaceView>();

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  open(namespace: string): NamespaceView {
    const view = this.#views.get(namespace) ?? new NamespaceView(namespace, this.#options);
    this.#views.set(namespace, view);
    return view;
  }

  get(namespace: string): NamespaceView | undefined {
    return this.#views.get(namespace);
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
