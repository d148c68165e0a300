import type { Job } from './job.ts';
import type { Victim } from './preempt.ts';
import type { Constraint } from './request.ts';

/**
 * Distributions that cannot be on one host with a job: because of a host port, or because one of the two refuses the
 * other by host. Where all of them on a host may be taken away, the host is as good as free.
 */
export class Rivals {
  /** Constraints that are looked at here and not by the allocation. */
  readonly without: ReadonlySet<Constraint>;
  readonly #job: Job;
  readonly #rivals = new Set<Job>();

  /** O(distributions × terms of the job). */
  constructor(job: Job) {
    this.#job = job;
    const { ports } = job.distribution;
    const { refuses, selectedBy } = job.neighbourhood;
    const mayClash = ports.length > 0 || [...refuses, ...selectedBy].some(({ isByHost }) => isByHost);
    if (mayClash) for (const other of job.world.jobs) if (other !== job && clash(job, other)) this.#rivals.add(other);
    this.without = this.#rivals.size === 0 ? NONE : NEIGHBOURS;
  }

  has(job: Job): boolean {
    return this.#rivals.has(job);
  }

  /** Replicas that a host may have that has none of a rival any more. */
  mostOn(host: number, most: number): number {
    const { refusesOnHost, counts } = this.#job;
    return refusesOnHost ? Math.min(most, 1 - counts.get(host)) : most;
  }

  /** Hosts that stay closed: with a rival that may not be taken away, a taken port, or in a domain that is refused. */
  closedHosts(victims: ReadonlyMap<number, readonly Victim[]>): ReadonlySet<number> {
    const closed = new Set<number>();
    if (this.#rivals.size === 0) return closed;
    for (const rival of this.#rivals)
      for (const host of rival.counts.hosts) {
        const victim = victims.get(host)?.find((one) => one.job === rival);
        if (victim === undefined || victim.count < rival.counts.get(host)) closed.add(host);
      }
    const { distribution, neighbourhood, world } = this.#job;
    for (const { index, ports } of world.inventory.hosts)
      if (ports.some((port) => distribution.ports.includes(port))) closed.add(index);
    for (const { isByHost, column, selected } of neighbourhood.refuses)
      if (!isByHost) for (const domain of selected.domains) for (const host of column.hostsOf(domain)) closed.add(host);
    for (const { isByHost, column, refusing } of neighbourhood.selectedBy)
      if (!isByHost) for (const domain of refusing.domains) for (const host of column.hostsOf(domain)) closed.add(host);
    return closed;
  }
}

const NONE: ReadonlySet<Constraint> = new Set();

const NEIGHBOURS: ReadonlySet<Constraint> = new Set(['ports', 'antiAffinity']);

const clash = (job: Job, other: Job): boolean =>
  other.distribution.ports.some((port) => job.distribution.ports.includes(port)) ||
  refuses(job, other) ||
  refuses(other, job);

const refuses = ({ neighbourhood }: Job, { distribution }: Job): boolean =>
  neighbourhood.refuses.some((term) => term.isByHost && term.selects(distribution));
