import { z } from 'zod';
import { age, defineKind, ready, reason } from '../definition.ts';
import {
  conditions,
  configNames,
  epoch,
  epochNeverFalls,
  latticeId,
  observedGeneration,
  secretAccounts,
} from '../schema/common.ts';
import { GROUP, VERSION } from '../names.ts';

const witName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z][a-z0-9-]*$/);

export const linkSpec = z
  .strictObject({
    source: latticeId.describe('Id of the actor or provider that calls.'),
    target: latticeId.describe('Id of the actor or provider that is called.'),
    name: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[A-Za-z0-9_-]+$/)
      .describe('Link name; `default` when absent.')
      .optional(),
    witNamespace: witName.describe('WIT namespace, e.g. `wasi`.'),
    witPackage: witName.describe('WIT package, e.g. `http`.'),
    interfaces: z.array(witName).min(1).max(32).describe('WIT interfaces, e.g. `incoming-handler`.'),
    sourceConfig: configNames('ConfigMaps for the source'),
    targetConfig: configNames('ConfigMaps for the target'),
    sourceSecrets: configNames('Secrets for the source'),
    targetSecrets: configNames('Secrets for the target'),
    secretAccounts,
    epoch: epoch.optional(),
  })
  .meta({ 'x-kubernetes-validations': [epochNeverFalls] });

export const linkStatus = z.strictObject({ observedGeneration, conditions });

export const WasmCloudLink = defineKind({
  group: GROUP,
  version: VERSION,
  kind: 'WasmCloudLink',
  plural: 'wasmcloudlinks',
  singular: 'wasmcloudlink',
  shortNames: ['wcl'],
  namespaced: true,
  description: 'The right of one actor or provider to call another over one WIT package, with config for both ends.',
  spec: linkSpec,
  status: linkStatus,
  columns: [
    { name: 'Source', type: 'string', jsonPath: '.spec.source' },
    { name: 'Target', type: 'string', jsonPath: '.spec.target' },
    { name: 'WIT-Namespace', type: 'string', jsonPath: '.spec.witNamespace' },
    { name: 'WIT-Package', type: 'string', jsonPath: '.spec.witPackage' },
    { name: 'Interfaces', type: 'string', jsonPath: '.spec.interfaces' },
    { name: 'Link-Name', type: 'string', jsonPath: '.spec.name', priority: 1 },
    // Told on the hub only, where the lattice is joined.
    { ...ready, priority: 1 },
    { ...reason, priority: 1 },
    age,
  ],
});
