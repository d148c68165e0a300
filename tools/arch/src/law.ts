/** The import law of docs/architecture.md, as data. A kit is published, for programs that are not part of this repository. */

export type Layer = 'contract' | 'core' | 'adapter' | 'app' | 'kit' | 'testing' | 'tool' | 'test';

/** Layers that each layer's shipped code may import. */
export const mayImport: Record<Layer, readonly Layer[]> = {
  contract: [],
  core: ['contract'],
  adapter: ['core', 'contract'],
  app: ['adapter', 'core', 'contract'],
  kit: ['adapter', 'core', 'contract'],
  testing: ['adapter', 'core', 'contract'],
  tool: ['contract'],
  test: ['testing', 'tool', 'kit', 'adapter', 'core', 'contract'],
};

/** The one adapter that other adapters may import. */
export const sharedAdapter = '@kasmcloud/observe';

/** npm packages that a layer may use; absent means any that its package.json declares. */
export const mayUsePackages: Partial<Record<Layer, readonly string[]>> = { contract: ['zod'], core: [] };

/** Layers whose code may import `node:` modules. */
export const mayUseNode: readonly Layer[] = ['adapter', 'app', 'kit', 'testing', 'tool', 'test'];

/** Wire names may be spelled out only by these packages. */
export const nameOwners: readonly string[] = ['@kasmcloud/kube-api', '@kasmcloud/wire'];

/** What a literal looks like when it is a label, subject, bucket or finalizer of ours or of wasmCloud. */
export const wireName =
  /^(kasmcloud\.io\/|quota\.kasmcloud\.io|kasmcloud\.io$|wasmbus\.|wadm\.(api|status|evt)|LATTICEDATA_|CONFIGDATA_|topology\.kubernetes\.io\/)/;
