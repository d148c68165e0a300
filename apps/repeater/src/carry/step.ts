import { carriedAnnotations, type HostInventory } from '@kasmcloud/wire';
import { workKey, type Wanted } from './wanted.ts';

/** What a legacy host runs of one kind and id. */
export interface Running {
  readonly kind: Wanted['kind'];
  readonly id: string;
  readonly image: string | undefined;
  readonly instances: number;
  /** The Kubernetes object for which it was started; undefined when others started it. */
  readonly object: string | undefined;
  /** Hash of what was started, when it was for Kubernetes. */
  readonly content: string | undefined;
}

/** By kind and id, as in `wantedOf`. */
export function runningOf({
  components,
  providers,
}: Pick<HostInventory, 'components' | 'providers'>): ReadonlyMap<string, Running> {
  const all = [
    ...components.map(({ id, image_ref, max_instances, annotations }) => ({
      kind: 'component' as const,
      id,
      image: image_ref,
      instances: max_instances,
      annotations,
    })),
    ...providers.map(({ id, image_ref, annotations }) => ({
      kind: 'provider' as const,
      id,
      image: image_ref,
      instances: 1,
      annotations,
    })),
  ];
  return new Map(
    all.map(({ annotations, ...one }) => [
      workKey(one.kind, one.id),
      {
        ...one,
        object: annotations?.[carriedAnnotations.object],
        content: annotations?.[carriedAnnotations.content],
      },
    ]),
  );
}

/** The last command for one id, and what came of it as far as is known. */
export interface Attempt {
  /** What it was to make true, in words that two equal wishes share. */
  readonly aim: string;
  /** On the steady clock, milliseconds. */
  readonly sentAt: number;
  /** What the host said against it. */
  readonly error?: string;
  /** When it may be tried again, on the steady clock; with an error only. */
  readonly againAt?: number;
}

export type Step =
  /** Runs as wanted. */
  | { readonly kind: 'settled' }
  /** A command is under way, or failed and rests; look again then. */
  | { readonly kind: 'wait'; readonly ms: number; readonly error: string | undefined }
  /** The host has had long enough. */
  | { readonly kind: 'overdue' }
  | { readonly kind: 'start' | 'scale' | 'stop'; readonly aim: string };

/** How long a host may take to carry out a command, as it may have to fetch what it starts. */
export const PATIENCE_MS = 60_000;

/**
 * What to do next about one id. Only a component's instances change while it runs: another image or config is another
 * start, after a stop, as hosts' own `update` leaves the old code serving.
 */
export function nextStep(
  wanted: Wanted | undefined,
  running: Running | undefined,
  attempt: Attempt | undefined,
  steady: number,
): Step {
  const wish = wishOf(wanted, running);
  if (wish === undefined) return { kind: 'settled' };
  if (attempt?.aim !== wish.aim) return wish;
  if (attempt.error !== undefined) {
    const ms = (attempt.againAt ?? steady) - steady;
    return ms > 0 ? { kind: 'wait', ms, error: attempt.error } : wish;
  }
  const ms = attempt.sentAt + PATIENCE_MS - steady;
  return ms > 0 ? { kind: 'wait', ms, error: undefined } : { kind: 'overdue' };
}

function wishOf(
  wanted: Wanted | undefined,
  running: Running | undefined,
): Extract<Step, { kind: 'start' | 'scale' | 'stop' }> | undefined {
  if (wanted === undefined || wanted.instances === 0)
    // What others started, and Kubernetes never asked for, is theirs.
    return running === undefined || (wanted === undefined && running.object === undefined)
      ? undefined
      : { kind: 'stop', aim: 'stop' };
  const aim = `${wanted.content} ${wanted.instances}`;
  if (running === undefined) return { kind: 'start', aim };
  // What others started from the same image is taken over as it is.
  const isSame = running.content === undefined ? running.image === wanted.image : running.content === wanted.content;
  if (!isSame) return { kind: 'stop', aim: 'stop' };
  return running.instances === wanted.instances ? undefined : { kind: 'scale', aim };
}
