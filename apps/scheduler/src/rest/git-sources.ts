import { annotations, fieldManagers, GitSource } from '@kasmcloud/kube-api';
import type { Call } from './admission.ts';

/** GitSources, asked to sync now. */
export class GitSources {
  readonly #now: () => string;

  /** `now`: RFC 3339. */
  constructor(now: () => string) {
    this.#now = now;
  }

  async sync({ caller, signal }: Call, namespace: string, name: string): Promise<{ requestedAt: string }> {
    const requestedAt = this.#now();
    const patch = { metadata: { annotations: { [annotations.syncRequestedAt]: requestedAt } } };
    await caller.hub.patch(GitSource, name, namespace, patch, {
      type: 'merge',
      fieldManager: fieldManagers.rest,
      signal,
    });
    return { requestedAt };
  }
}
