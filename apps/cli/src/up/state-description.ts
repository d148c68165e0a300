import type { State } from '../state/state-file.ts';
import type { ProcessRecord } from '../supervisor/supervisor.ts';
import { apiServerName, clustersOf, frontDoorName, natsUrl, portOf, restUrl, type Topology } from './topology.ts';

/** What the state file tells about an instance. @param urls of the API servers that are not embedded, by cluster */
export function describeState(
  topology: Topology,
  processes: readonly ProcessRecord[],
  token: string | undefined,
  urls: ReadonlyMap<string, string>,
): State {
  const { options, layout, ports } = topology;
  return {
    pid: process.pid,
    processes: [...processes],
    clusters: clustersOf(options).map(({ name, region }) => ({
      name,
      ...(region !== undefined && { region }),
      kubeconfig: layout.cluster(name).kubeconfig,
      ...(options.leaf && { natsUrl: natsUrl(topology, name) }),
      url: urls.get(name) ?? `https://127.0.0.1:${portOf(topology, apiServerName(name))}`,
      ...(options.members.some((member) => member.name === name) && {
        frontDoor: `http://127.0.0.1:${portOf(topology, frontDoorName(name))}`,
      }),
    })),
    ports: Object.fromEntries(ports),
    restUrl: restUrl(topology),
    natsUrl: natsUrl(topology),
    kubeconfig: layout.kubeconfig,
    ...(token !== undefined && { token }),
  };
}
