/** Manifests for tests, as wash users write them. */

export const SECRET_TYPE = 'policy.secret.wasmcloud.dev/v1alpha1';

export const manifest = (
  components: readonly unknown[],
  rest: Record<string, unknown> = {},
): Record<string, unknown> => ({
  apiVersion: 'core.oam.dev/v1beta1',
  kind: 'Application',
  metadata: { name: 'my-app', annotations: { version: 'v1' }, ...(rest['metadata'] as object | undefined) },
  spec: { components, ...(rest['policies'] === undefined ? {} : { policies: rest['policies'] }) },
});

export const component = (name: string, traits: readonly unknown[] = [], properties: object = {}): object => ({
  name,
  type: 'component',
  properties: { image: `registry/${name}:1`, ...properties },
  traits,
});

export const capability = (name: string, traits: readonly unknown[] = [], properties: object = {}): object => ({
  ...component(name, traits, properties),
  type: 'capability',
});

export const link = (target: unknown, rest: object = {}): object => ({
  type: 'link',
  properties: { target, namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'], ...rest },
});

export const spreadscaler = (instances: unknown, spread?: unknown): object => ({
  type: 'spreadscaler',
  properties: { instances, ...(spread !== undefined && { spread }) },
});
