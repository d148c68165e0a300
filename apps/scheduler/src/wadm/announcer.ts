import { randomUUID } from 'node:crypto';
import type { ApplicationObject } from '@kasmcloud/kube-api';
import type { Store } from '@kasmcloud/kube';
import { encodeWadmEvent, encodeWadmStatus, wadmSubject } from '@kasmcloud/wire';
import { manifestOfObject } from '../applications/manifest.ts';
import { sha256 } from '../plan/revision.ts';
import type { Lattices } from './lattices.ts';
import { statusOf } from '../applications/progress.ts';

export interface AnnouncerOptions {
  readonly applications: Pick<Store<ApplicationObject>, 'onChange' | 'hasSynced'>;
  readonly lattices: Pick<Lattices, 'find'>;
  /** Only the leader tells, so that each change is told once. */
  readonly isLeader: () => boolean;
  readonly publish: (subject: string, payload: Uint8Array) => void;
  /** RFC 3339. */
  readonly now: () => string;
  readonly onError: (error: unknown) => void;
}

interface Message {
  readonly subject: string;
  readonly payload: Uint8Array;
}

const DEADLINE_MS = 5_000;

/**
 * Tells wadm's clients what changed, whoever changed it: the status of Applications, and what is deployed. Only where the
 * wadm API is served: a wadm that heard of our manifests would deploy them too.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #end: () => void;
  #last: Promise<void> = Promise.resolve();

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#end = options.applications.onChange((_, before, after) => {
      if (!options.isLeader() || !options.applications.hasSynced) return;
      const namespace = (after ?? before)?.metadata.namespace ?? '';
      // One after the other, so that nobody hears of changes in the wrong order.
      this.#last = this.#last.then(() => this.#tell(namespace, before, after));
    });
  }

  async close(): Promise<void> {
    this.#end();
    await this.#last;
  }

  async #tell(
    lattice: string,
    before: ApplicationObject | undefined,
    after: ApplicationObject | undefined,
  ): Promise<void> {
    const { lattices, publish, now, onError } = this.#options;
    try {
      const found = await lattices.find(lattice, AbortSignal.timeout(DEADLINE_MS));
      if (found?.mode !== 'Serve') return;
      for (const { subject, payload } of messagesOf(lattice, before, after, now())) publish(subject, payload);
    } catch (error) {
      onError(error);
    }
  }
}

/** What is to be told of a change; often nothing. */
export function messagesOf(
  lattice: string,
  before: ApplicationObject | undefined,
  after: ApplicationObject | undefined,
  time: string,
): Message[] {
  const messages: Message[] = [];
  const [was, is] = [deployed(before), deployed(after)];
  const event = { id: randomUUID(), time };
  if (is !== undefined && was !== is && after !== undefined) {
    const payload = encodeWadmEvent({ ...event, name: 'manifest_published', data: manifestOfObject(after) });
    messages.push({ subject: wadmSubject.published(lattice), payload });
  }
  const name = (after ?? before)?.metadata.name ?? '';
  if (was !== undefined && is === undefined) {
    const payload = encodeWadmEvent({ ...event, name: 'manifest_unpublished', data: { name } });
    messages.push({ subject: wadmSubject.unpublished(lattice), payload });
  }
  const status = after === undefined ? undefined : statusOf(after);
  const told = before === undefined ? undefined : statusOf(before);
  if (status !== undefined && sha256(status) !== (told === undefined ? '' : sha256(told)))
    messages.push({ subject: wadmSubject.status(lattice, name), payload: encodeWadmStatus(status) });
  return messages;
}

/** A hash of what is deployed; undefined for nothing. */
const deployed = (application: ApplicationObject | undefined): string | undefined =>
  application === undefined || application.spec.components.length === 0
    ? undefined
    : sha256(manifestOfObject(application));
