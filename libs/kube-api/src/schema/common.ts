import { z } from 'zod';

/** A DNS-1123 label or subdomain, as object names are. */
export const objectName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** An id on the lattice: one NATS token (wasmCloud's `wash` accepts the same characters). */
export const latticeId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9_-]+$/)
  .describe('Identity on the lattice: the address that links and calls use. One NATS token.');

export const quantity = z
  .union([z.string().max(32), z.int()])
  .meta({ 'x-kubernetes-int-or-string': true, pattern: String.raw`^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$` });

/** Kubernetes quantities by resource name. */
export const resourceList = z.record(z.string().max(63), quantity).meta({ maxProperties: 32 });

export const labelMap = z.record(z.string().max(317), z.string().max(63)).meta({ maxProperties: 64 });

/** A Go-style duration: `30s`, `5m`, `1h30m`, `500ms`. */
export const duration = z
  .string()
  .max(32)
  .regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/);

export const imageReference = z
  .string()
  .min(1)
  .max(1024)
  .describe('Reference of the image: an OCI reference, or `file://` where the host allows it.');

export const configNames = (what: string): z.ZodOptional<z.ZodArray<z.ZodString>> =>
  z
    .array(z.string().min(1).max(253))
    .max(32)
    .describe(`Names of ${what} in the same namespace; a later one overrides an earlier one, key by key.`)
    .optional();

/** As which ServiceAccount each Secret is looked at, where not as that of the lattice. */
export const secretAccounts = z
  .record(z.string().max(253), objectName)
  .meta({ maxProperties: 32 })
  .describe(
    'By name of a Secret, the ServiceAccount of the same namespace that must be allowed to get it; `kasmcloud-lattice` for one that is not here.',
  )
  .optional();

export const requirement = z.strictObject({
  key: z.string().min(1).max(317).describe('Label key.'),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']),
  values: z.array(z.string().max(63)).max(64).optional(),
});

/** Requirements that must all hold; a list of terms holds when any term does. */
export const term = z.array(requirement).max(16);
export const terms = z.array(z.strictObject({ matchExpressions: term })).max(16);

export const taint = z.strictObject({
  key: z.string().min(1).max(317),
  value: z.string().max(63).optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

export const toleration = z.strictObject({
  key: z.string().max(317).optional(),
  operator: z.enum(['Equal', 'Exists']).optional(),
  value: z.string().max(63).optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  seconds: z.int().min(0).max(86_400).describe('How long a NoExecute taint is borne; without it, for ever.').optional(),
});

export const labelSelector = z.strictObject({
  matchLabels: labelMap.optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string().min(1).max(317),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string().max(63)).max(64).optional(),
      }),
    )
    .max(16)
    .optional(),
});

export const condition = z.strictObject({
  type: z.string().min(1).max(316),
  status: z.enum(['True', 'False', 'Unknown']),
  observedGeneration: z.int().min(0).optional(),
  lastTransitionTime: z.string().max(64).meta({ format: 'date-time' }),
  reason: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/),
  message: z.string().max(32_768),
});

export const conditions = z
  .array(condition)
  .max(16)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .optional();

/** The planner's number of a decision; an older writer is refused by the API server itself. */
export const epoch = z
  .int()
  .min(0)
  .describe('Number of the decision that wrote this object: leader term × 2³² + counter. It never falls.');

/** The CRD rule that makes `spec.epoch` a fence (DESIGN §3). Goes on the object that holds `epoch`. */
export const epochNeverFalls = {
  rule: '!has(oldSelf.epoch) || (has(self.epoch) && self.epoch >= oldSelf.epoch)',
  message: 'epoch never falls: an older decision may not overwrite a newer one',
} as const;

export const immutable = (field: string): { rule: string; message: string } => ({
  rule: `self.${field} == oldSelf.${field}`,
  message: `${field} is immutable: delete the object and create another`,
});

export type Condition = z.infer<typeof condition>;
export type Requirement = z.infer<typeof requirement>;
export type Taint = z.infer<typeof taint>;
export type Toleration = z.infer<typeof toleration>;
export type LabelSelector = z.infer<typeof labelSelector>;
export type Quantity = z.infer<typeof quantity>;
