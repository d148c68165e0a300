import { conditionTypes, findCondition, WasmCloudCluster, type ClusterObject } from '@kasmcloud/kube-api';
import { stringify } from 'yaml';
import { onHub, type HubFlags, type Say } from './hub.ts';

export type ClusterOutput = 'table' | 'json' | 'yaml';

const HEAD = ['NAME', 'REGION', 'REACHABLE', 'READY', 'HOSTS', 'USE', 'VERSION'] as const;

/** Shows the members. */
export async function list(
  flags: HubFlags & { readonly output: ClusterOutput },
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  const { items } = await onHub(flags, (hub) => hub.list<ClusterObject>(WasmCloudCluster, { signal }));
  const sorted = items.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  switch (flags.output) {
    case 'json':
      return say(JSON.stringify({ items: sorted }, undefined, 2));
    case 'yaml':
      return say(stringify({ items: sorted }).trimEnd());
    case 'table':
      return say(sorted.length === 0 ? 'no cluster has joined' : table([HEAD, ...sorted.map(row)]));
  }
}

function row({ metadata, spec, status }: ClusterObject): string[] {
  const told = (type: string): string => {
    const { status: is = 'Unknown', reason = 'Pending' } = findCondition(status?.conditions, type) ?? {};
    return is === 'True' ? reason : `${is} (${reason})`;
  };
  const leaving = metadata.deletionTimestamp !== undefined;
  const draining = findCondition(status?.conditions, conditionTypes.drained)?.reason !== 'InUse';
  const use = leaving ? 'leaving' : spec.unschedulable !== true ? 'in use' : draining ? 'drained' : 'cordoned';
  return [
    metadata.name,
    spec.region ?? '-',
    told(conditionTypes.reachable),
    told(conditionTypes.ready),
    `${status?.readyHosts ?? 0}/${status?.hosts ?? 0}`,
    use,
    status?.version ?? '-',
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, at) => cell.padEnd((widths[at] ?? 0) + 3))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
