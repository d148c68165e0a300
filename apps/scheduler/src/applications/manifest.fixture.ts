export interface ManifestOptions {
  readonly name?: string;
  readonly version?: string;
  readonly instances?: number;
  readonly id?: string;
}

/** A small valid manifest, as YAML. */
export const manifest = ({ name = 'hello', version, instances = 2, id }: ManifestOptions = {}): string => `
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata:
  name: ${name}
  annotations:
    description: says hello${version === undefined ? '' : `\n    version: ${version}`}
spec:
  components:
    - name: http
      type: component
      properties:
        image: file:///hello.wasm${id === undefined ? '' : `\n        id: ${id}`}
      traits:
        - type: spreadscaler
          properties:
            instances: ${instances}
`;
