import { roomOn } from './demand.ts';
import { HoldingList, type Holding } from './holding.ts';
import type { Job } from './job.ts';

/** What of replicas that run on hosts that are back may stay there: as much as is legal and fits. */
export function comingBack({ distribution, shape, demand, counts, avoided }: Job, returned: Holding): Holding {
  const back = new HoldingList();
  for (const [host, count] of returned) {
    if (!shape.keeps(host) || avoided.has(host)) continue;
    const room = roomOn(demand, host, Math.min(count, distribution.maxPerHost - counts.get(host)));
    back.add(host, room);
  }
  return back.holding();
}
