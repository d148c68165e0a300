import { z } from 'zod';
import { distributionSpec } from '../kinds/distribution.ts';

/**
 * The shape of a wadm manifest (`core.oam.dev/v1beta1` Application) for those who write one: editors and linters. It
 * tells a trait by its type, where the parser of `libs/oam` looks at its shape first, and says nothing of the rules
 * between fields.
 */

const MOST = 1_000_000;
const texts = z.record(z.string(), z.string()).meta({ id: 'Texts' });
const word = z.string().min(1);

const config = z
  .strictObject({
    name: word,
    properties: texts.describe('Absent: a ConfigMap of this name that is kept elsewhere.').optional(),
  })
  .meta({ id: 'Config' });
const configs = z.array(config);

const secret = z
  .object({
    name: word,
    properties: z.object({
      policy: word.describe('Name of a policy of this manifest that says where the secret is.'),
      key: word.describe('Where the policy finds it: here, the name of a Secret.'),
      field: z.string().optional(),
      version: z.string().optional(),
    }),
  })
  .meta({ id: 'Secret' });
const secrets = z.array(secret);

const end = { config: configs.optional(), secrets: secrets.optional() };

const link = z.object({
  name: z.string().describe('Tells links over the same interface apart; `default` when absent.').optional(),
  namespace: word.describe('WIT namespace, e.g. `wasi`.'),
  package: word.describe('WIT package, e.g. `http`.'),
  interfaces: z.array(word).min(1).describe('WIT interfaces, e.g. `incoming-handler`.'),
  target: z.union([
    z.object({ name: word.describe('A component of this manifest.'), ...end }),
    z.string().describe('Deprecated: an object with `name`.'),
  ]),
  source: z.object(end).optional(),
  source_config: configs.describe('Deprecated: `source.config`.').optional(),
  target_config: configs.describe('Deprecated: `target.config`. Read only where the target is text.').optional(),
});

const count = z.int().min(0).max(MOST);
const spread = z
  .strictObject({
    name: word,
    requirements: texts.describe('Labels that a host must have, all of them; none means every host.').optional(),
    weight: count.describe('Share of the instances among the spreads; 100 when absent.').optional(),
  })
  .meta({ id: 'Spread' });
const spreads = z.array(spread).optional();
const scaler = z.union([
  z.strictObject({ instances: count, spread: spreads }),
  z.strictObject({ replicas: count.describe('Deprecated: `instances`.'), spread: spreads }),
]);

const distribution = distributionSpec.omit({ actor: true, provider: true }).meta({
  id: 'Distribution',
  description: 'Fields of a WasmCloudDistribution spec, laid over what the scaler says.',
});

const trait = z.union([
  z.strictObject({ type: z.literal('link'), properties: link }),
  z.strictObject({ type: z.enum(['spreadscaler', 'daemonscaler']), properties: scaler }),
  z.strictObject({ type: z.literal('distribution'), properties: distribution }),
  z.strictObject({
    type: z.string().regex(/^(?!(link|spreadscaler|daemonscaler|distribution)$)/),
    properties: z.unknown().optional(),
  }),
]);

const component = z.object({
  name: word,
  type: z.enum(['component', 'capability', 'actor']).describe('`actor` is an old word for `component`.'),
  properties: z.strictObject({
    image: z.string().optional(),
    application: z
      .object({ name: word, component: word })
      .describe('Instead of an image: a component that another application shares.')
      .optional(),
    id: z.string().describe('Id on the lattice; `<application>-<component>` when absent.').optional(),
    config: configs.optional(),
    secrets: secrets.optional(),
  }),
  traits: z.array(trait).optional(),
});

export const applicationManifest = z.strictObject({
  apiVersion: z.literal('core.oam.dev/v1beta1'),
  kind: z.literal('Application'),
  metadata: z.object({
    name: z
      .string()
      .regex(/^[-\w]+$/)
      .describe('Name of the application, unique in its lattice.'),
    annotations: texts.describe('`version` and `description` are shown in lists.').optional(),
    labels: texts.optional(),
  }),
  spec: z.strictObject({
    components: z.array(component),
    policies: z.array(z.object({ name: word, type: word, properties: texts })).optional(),
  }),
  status: z.unknown().describe('Written by the cluster, ignored in a manifest.').optional(),
});

/** The same as JSON Schema, draft 7: what editors read. */
export function manifestJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(applicationManifest, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      for (const key of Object.keys(jsonSchema)) if (key.startsWith('x-kubernetes-')) delete jsonSchema[key];
    },
  });
  return { title: 'Application', description: 'A wadm application manifest.', ...schema };
}
