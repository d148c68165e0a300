import type { FieldPath } from './problem.ts';

/** A wadm manifest after parsing: every accepted way of writing a thing has become one. */
export interface Application {
  readonly name: string;
  /** `metadata.annotations.version` as written. */
  readonly version: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly components: readonly Component[];
  readonly policies: readonly Policy[];
}

/** Everything that was read from a place remembers it, for the problems that are found later. */
export interface Placed {
  readonly path: FieldPath;
}

export interface Component extends Placed {
  readonly name: string;
  /** `actor` is an old word for `component`. */
  readonly type: 'component' | 'capability';
  readonly image: string | undefined;
  /** A component of another application, shared with this one. */
  readonly shared: { readonly application: string; readonly component: string } | undefined;
  readonly id: string | undefined;
  readonly config: readonly Config[];
  readonly secrets: readonly Secret[];
  readonly traits: readonly Trait[];
}

/** Without `properties` it is managed outside of the application. */
export interface Config extends Placed {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>> | undefined;
}

export interface Secret extends Placed {
  readonly name: string;
  readonly policy: string;
  readonly key: string;
  readonly field: string | undefined;
  readonly version: string | undefined;
}

export interface Policy extends Placed {
  readonly name: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** As in wadm, the shape of the properties decides what a trait is; its type decides what it is for. */
export type Trait = LinkTrait | ScalerTrait | CustomTrait;

export interface LinkTrait extends Placed {
  readonly kind: 'Link';
  readonly type: string;
  readonly name: string;
  readonly namespace: string;
  readonly package: string;
  readonly interfaces: readonly string[];
  readonly target: string;
  readonly source: LinkEnd;
  readonly destination: LinkEnd;
  /** Old keys that it uses. */
  readonly deprecated: readonly ('source_config' | 'target_config')[];
}

export interface LinkEnd {
  readonly config: readonly Config[];
  readonly secrets: readonly Secret[];
}

export interface ScalerTrait extends Placed {
  readonly kind: 'Scaler';
  readonly type: string;
  readonly instances: number;
  readonly spread: readonly Spread[];
}

export interface Spread extends Placed {
  readonly name: string;
  readonly requirements: Readonly<Record<string, string>>;
  /** 100 when not written. */
  readonly weight: number;
}

export interface CustomTrait extends Placed {
  readonly kind: 'Custom';
  readonly type: string;
  readonly properties: unknown;
}

/** The trait types that mean something. */
export const traitTypes = {
  link: 'link',
  spread: 'spreadscaler',
  daemon: 'daemonscaler',
  /** Ours: properties of a WasmCloudDistribution, laid over what the scaler says. */
  distribution: 'distribution',
} as const;

export const SECRET_POLICY = 'policy.secret.wasmcloud.dev/v1alpha1';

/** What scales a component: traits of any other type say nothing, whatever their shape. */
export const scalersOf = (component: Component): ScalerTrait[] =>
  component.traits.filter((trait) => trait.kind === 'Scaler').filter(({ type }) => isScalerType(type));

export const isScalerType = (type: string): boolean => type === traitTypes.spread || type === traitTypes.daemon;

/** wadm makes no link of which both ends are providers. */
export const isBetweenProviders = (application: Application, { type }: Component, { target }: LinkTrait): boolean =>
  type === 'capability' &&
  application.components.some((component) => component.name === target && component.type === 'capability');

export const linksOf = (component: Component): LinkTrait[] =>
  component.traits.filter((trait) => trait.kind === 'Link').filter(({ type }) => type === traitTypes.link);
