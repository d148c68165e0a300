import {
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudLink,
  WasmCloudPlacement,
  WasmCloudProvider,
  type Quantity,
} from '@kasmcloud/kube-api';
import { parseQuantity, QuantityError } from '@kasmcloud/placement';
import { z } from 'zod';

/**
 * The objects of a plan as they may be written: as their CRDs have them, but with everything optional that a plan does
 * not need, and only the part of `status` that it reads.
 */

const objectName = WasmCloudPlacement.spec.shape.cluster;

/** More on one object is a mistake, and would only cost time. */
const MAX_LABELS = 1_000;
const texts = z
  .record(z.string(), z.string())
  .refine((map) => Object.keys(map).length <= MAX_LABELS, `more than ${MAX_LABELS} entries`);

const metadata = z.looseObject({
  name: objectName,
  namespace: objectName.optional(),
  labels: texts.optional(),
  annotations: texts.optional(),
  deletionTimestamp: z.string().optional(),
});

const conditions = z.array(z.looseObject({ type: z.string(), status: z.string() })).optional();

/** What Kubernetes itself can hold: 2⁶³ − 1. */
const LARGEST = 2 ** 63 * 1000;

/** What is wrong with a quantity that nothing can be negative of. */
function quantityProblem(value: unknown): string | undefined {
  if (typeof value === 'number' && !Number.isInteger(value))
    return `${value} is no whole number: write a quantity in quotes, such as "100m"`;
  if (typeof value !== 'string' && typeof value !== 'number') return 'must be a quantity such as 250m, 64Mi or 2';
  try {
    const thousandths = parseQuantity(value);
    if (thousandths < 0) return `${value} is below 0`;
    return thousandths > LARGEST ? `${value} is more than Kubernetes can count (2⁶³ − 1)` : undefined;
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    return error.message;
  }
}

export const quantities = z.record(
  z.string().max(317),
  z.custom<Quantity>((value) => quantityProblem(value) === undefined, {
    error: ({ input }) => quantityProblem(input) ?? 'must be a quantity',
  }),
);

export const cluster = z.looseObject({
  metadata,
  spec: WasmCloudCluster.spec.default({}),
  status: z.looseObject({ conditions }).optional(),
});

export const host = z.looseObject({
  metadata,
  spec: WasmCloudHost.spec.default({}),
  status: z
    .looseObject({
      allocatable: quantities.optional(),
      interfaces: WasmCloudHost.status.shape.interfaces,
      conditions,
    })
    .optional(),
});

const distributionSpec = WasmCloudDistribution.spec.shape;
/** What runs does not matter to where it runs. */
const UNNAMED = '';

export const distribution = z.looseObject({
  metadata,
  spec: WasmCloudDistribution.spec
    .extend({
      actor: distributionSpec.actor
        .unwrap()
        .partial()
        .transform(({ id = UNNAMED, image = UNNAMED, ...rest }) => ({ id, image, ...rest }))
        .optional(),
      provider: distributionSpec.provider
        .unwrap()
        .partial()
        .transform(({ id = UNNAMED, image = UNNAMED, ...rest }) => ({ id, image, ...rest }))
        .optional(),
      resources: quantities.optional(),
    })
    .refine(({ actor, provider }) => actor === undefined || provider === undefined, {
      path: ['provider'],
      message: 'actor and provider exclude each other',
    }),
});

export const placement = z.looseObject({
  metadata,
  spec: WasmCloudPlacement.spec.partial({ epoch: true, revision: true }),
  status: z
    .looseObject({
      failures: z.array(z.looseObject({ host: z.string(), revision: z.string() })).optional(),
    })
    .optional(),
});

const { hostName } = WasmCloudActor.spec.shape;

export const actor = z.looseObject({
  metadata,
  spec: z.looseObject({ hostName, instances: WasmCloudActor.spec.shape.instances }),
});

export const provider = z.looseObject({
  metadata,
  spec: z.looseObject({ hostName: WasmCloudProvider.spec.shape.hostName }),
});

export const namespace = z.looseObject({ metadata });

export const link = z.looseObject({
  metadata,
  spec: WasmCloudLink.spec.partial().default({}),
});

export const configMap = z.looseObject({ metadata, data: z.record(z.string(), z.string()).optional() });

export type ClusterInput = z.infer<typeof cluster>;
export type HostInput = z.infer<typeof host>;
export type DistributionInput = z.infer<typeof distribution>;
export type PlacementInput = z.infer<typeof placement>;
export type ActorInput = z.infer<typeof actor>;
export type ProviderInput = z.infer<typeof provider>;
export type LinkInput = z.infer<typeof link>;
export type ConfigMapInput = z.infer<typeof configMap>;
export type NamespaceInput = z.infer<typeof namespace>;
