import { z } from 'zod';
import { apiVersionOf, type Kind } from './kind.ts';
import { toCrdSchema, type StructuralSchema } from './structural.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  /** 0 is always shown; 1 only with `-o wide`. */
  readonly priority?: number;
  readonly description?: string;
}

/** One of our kinds: its names, its schemas, and what its CRD says beside them. */
export interface KindDefinition<Spec extends z.ZodType = z.ZodType, Status extends z.ZodType = z.ZodType> extends Kind {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: Spec;
  readonly status: Status;
  readonly columns: readonly PrinterColumn[];
  readonly selectableFields?: readonly string[];
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath: string;
  };
}

export const defineKind = <Spec extends z.ZodType, Status extends z.ZodType>(
  definition: KindDefinition<Spec, Status>,
): KindDefinition<Spec, Status> => definition;

/** The CustomResourceDefinition (apiextensions.k8s.io/v1) of a kind. */
export function toCrd(definition: KindDefinition): StructuralSchema {
  const { group, version, kind, plural, singular, shortNames, columns, selectableFields, scale } = definition;
  const schema = {
    type: 'object',
    description: definition.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: { description: 'What is wanted.', ...toCrdSchema(definition.spec, `${kind}.spec`) },
      status: {
        description: 'What was seen and decided last; written by KasmCloud alone.',
        ...toCrdSchema(definition.status, `${kind}.status`),
      },
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames, categories: ['kasmcloud'] },
      scope: definition.namespaced ? 'Namespaced' : 'Cluster',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: { status: {}, ...(scale && { scale }) },
          additionalPrinterColumns: columns,
          ...(selectableFields && { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }),
        },
      ],
    },
  };
}

/** `{apiVersion, kind}` as the first two lines of a manifest. */
export const typeMeta = (kind: Kind): { apiVersion: string; kind: string } => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
});

export const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
export const ready: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
};
export const reason: PrinterColumn = {
  name: 'Reason',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
};
