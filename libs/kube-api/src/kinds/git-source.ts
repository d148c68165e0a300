import { z } from 'zod';
import { age, defineKind, ready, reason } from '../definition.ts';
import { conditions, duration, objectName, observedGeneration } from '../schema/common.ts';
import { GROUP, VERSION } from '../names.ts';

const gitRef = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[^-].*$/);

export const gitSourceSpec = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(2048)
    .describe('Repository: `https://…` or `ssh://…`; `file://…` where the scheduler allows it.'),
  ref: z
    .strictObject({
      branch: gitRef.describe('Name of a branch: its newest commit.').optional(),
      tag: gitRef.describe('Name of a tag.').optional(),
      commit: gitRef.describe('Id of a commit, all of its 40 or 64 digits: nothing newer is followed.').optional(),
    })
    .describe('What to follow: commit before tag before branch; the branch `main` when absent.')
    .optional(),
  paths: z
    .array(z.string().min(1).max(1024))
    .min(1)
    .max(64)
    .describe('Folders or files to read; the whole tree when absent.')
    .optional(),
  interval: duration.describe('How often to look for commits; `60s` when absent.').optional(),
  timeout: duration.describe('How long one fetch may take; `60s` when absent.').optional(),
  secretRef: z
    .strictObject({ name: objectName.describe('Name of the Secret, in the same namespace.') })
    .describe('Secret with `username` and `password`, or `bearerToken`.')
    .optional(),
  prune: z.boolean().describe('Delete what an earlier commit had and this one lacks; true when absent.').optional(),
  suspend: z.boolean().describe('Nothing is fetched or applied while true; what runs goes on.').optional(),
});

export const gitSourceStatus = z.strictObject({
  observedGeneration,
  lastAttemptedRevision: z.string().max(320).describe('`branch@sha1:…` of the last try.').optional(),
  lastAppliedRevision: z.string().max(320).describe('`branch@sha1:…` that was applied whole last.').optional(),
  lastHandledSyncAt: z
    .string()
    .max(64)
    .describe('Value of the annotation that last asked for a sync at once.')
    .optional(),
  inventory: z
    .array(
      z.strictObject({
        id: z.string().max(1024).describe('`namespace_name_group_kind`.'),
        v: z.string().max(63).describe('API version.'),
      }),
    )
    .max(1000)
    .describe('What this source applied, and will delete when a commit lacks it.')
    .optional(),
  conditions,
});

export const GitSource = defineKind({
  group: GROUP,
  version: VERSION,
  kind: 'GitSource',
  plural: 'gitsources',
  singular: 'gitsource',
  shortNames: ['gs'],
  namespaced: true,
  description: 'A git repository whose manifests the scheduler applies to this namespace.',
  spec: gitSourceSpec,
  status: gitSourceStatus,
  columns: [
    { name: 'URL', type: 'string', jsonPath: '.spec.url' },
    ready,
    reason,
    { name: 'Revision', type: 'string', jsonPath: '.status.lastAppliedRevision' },
    age,
  ],
});
