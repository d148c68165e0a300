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

const labelKey = z.string().min(1).max(317).describe('Label key.');
const labelValues = z
  .array(z.string().max(63))
  .max(64)
  .describe('Label values: any of them with In, none with NotIn, one whole number with Gt and Lt, absent otherwise.');

/** As Kubernetes refuses them of a node affinity. */
const valuesFitOperator = [
  {
    rule: "!(self.operator in ['In', 'NotIn']) || (has(self.values) && size(self.values) > 0)",
    message: 'operators In and NotIn need values',
  },
  {
    rule: "!(self.operator in ['Exists', 'DoesNotExist']) || !has(self.values) || size(self.values) == 0",
    message: 'operators Exists and DoesNotExist take no values',
  },
];

const valuesFitComparison = {
  rule: "!(self.operator in ['Gt', 'Lt']) || (has(self.values) && size(self.values) == 1 && self.values[0].matches('^-?[0-9]+$'))",
  message: 'operators Gt and Lt take exactly one whole number',
};

export const requirement = z
  .strictObject({
    key: labelKey,
    operator: z
      .enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'])
      .describe('How the value of the label relates to `values`; NotIn holds without the label, too.'),
    values: labelValues.optional(),
  })
  .meta({ 'x-kubernetes-validations': [...valuesFitOperator, valuesFitComparison] });

/** Requirements that must all hold; a list of terms holds when any term does. */
export const term = z.array(requirement).max(16).describe('Requirements on labels, all of which must hold.');
export const terms = z
  .array(z.strictObject({ matchExpressions: term }))
  .max(16)
  .describe('Terms, of which one must hold; none asks for nothing.');

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

export const taint = z.strictObject({
  key: z.string().min(1).max(317).describe('What tolerations name it by.'),
  value: z.string().max(63).describe('Compared by tolerations with operator Equal; empty when absent.').optional(),
  effect: z
    .enum(taintEffects)
    .describe(
      'What it does to replicas that do not tolerate it: NoSchedule places no new ones here, PreferNoSchedule only where nothing else is left, NoExecute also moves those that run here.',
    ),
});

export const taints = z.array(taint).max(32);

export const toleration = z.strictObject({
  key: z.string().max(317).describe('Key of the taint; every key when absent, with operator Exists.').optional(),
  operator: z
    .enum(['Equal', 'Exists'])
    .describe('Equal compares values, Exists does not; `Equal` when absent.')
    .optional(),
  value: z.string().max(63).describe('Value of the taint, with operator Equal; empty when absent.').optional(),
  effect: z.enum(taintEffects).describe('Effect of the taint; every effect when absent.').optional(),
  seconds: z.int().min(0).max(86_400).describe('How long a NoExecute taint is borne; without it, for ever.').optional(),
});

export const labelSelector = z.strictObject({
  matchLabels: labelMap.describe('Labels that must be there with these values, all of them.').optional(),
  matchExpressions: z
    .array(
      z
        .strictObject({
          key: labelKey,
          operator: z
            .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
            .describe('How the value of the label relates to `values`; NotIn holds without the label, too.'),
          values: z
            .array(z.string().max(63))
            .max(64)
            .describe('Label values: any of them with In, none with NotIn, absent otherwise.')
            .optional(),
        })
        .meta({ 'x-kubernetes-validations': valuesFitOperator }),
    )
    .max(16)
    .describe('Requirements on labels, all of which must hold, as must matchLabels.')
    .optional(),
});

/** RFC 3339. */
export const time = z.string().max(64).meta({ format: 'date-time' });

export const observedGeneration = z
  .int()
  .min(0)
  .describe('`metadata.generation` of the spec that this status is about.')
  .optional();

export const condition = z.strictObject({
  type: z.string().min(1).max(316).describe('What is told of, e.g. `Ready`.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration,
  lastTransitionTime: time.describe('When `status` last changed.'),
  reason: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
    .describe('Why, in one word, for programs.'),
  message: z.string().max(32_768).describe('Why, for people.'),
});

export const conditions = z
  .array(condition)
  .max(16)
  .describe('What holds now, one entry for each type.')
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
