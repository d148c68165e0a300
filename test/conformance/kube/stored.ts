import { create, get, type Case } from './case.ts';
import { textOf, type JsonObject } from './json.ts';

export const named = (
  apiVersion: string,
  kind: string,
  fields: JsonObject = {},
  metadata: JsonObject = {},
): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name: 'one', ...metadata },
  ...fields,
});

/** Creates an object and reads it back: what is stored, with its defaults, or the refusal. */
export const stored = (name: string, path: string, body: JsonObject): Case => {
  const { name: objectName } = body['metadata'] as JsonObject;
  return { name, steps: [create(path, body), get(`${path}/${textOf(objectName)}`)] };
};

export const refused = (name: string, path: string, body: JsonObject): Case => ({ name, steps: [create(path, body)] });

/** A Deployment with one container, which has a variable and a port. */
export const deploymentOfOne = (spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'one' },
  spec: {
    selector: { matchLabels: { app: 'a' } },
    template: {
      metadata: { labels: { app: 'a' } },
      spec: {
        containers: [
          { name: 'main', image: 'example.com/a:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] },
        ],
      },
    },
    ...spec,
  },
});
