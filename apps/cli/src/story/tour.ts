import type { Instance } from '../up/instance.ts';
import { LATTICE } from '../up/seed.ts';
import { APPLICATION, type World } from './world.ts';

/** What runs where, the addresses, and commands to try: the end of `npm start`. */
export async function tour(instance: Instance, world: World, signal: AbortSignal): Promise<string> {
  const { layout, members, restUrl } = instance;
  const [first] = members;
  return [
    '',
    ...(await table(instance, world, signal)),
    '',
    ...members.map(({ name, region, url }) => `${`${name} (${region ?? 'no region'})`.padEnd(16)}${url}`),
    `${'REST API'.padEnd(16)}${restUrl}/docs`,
    '',
    'To try:',
    `  export KUBECONFIG=${layout.kubeconfig}`,
    `  export TOKEN=$(cat ${layout.token})`,
    '',
    ...members.slice(0, 2).map(({ url }) => `  curl ${url}`),
    `  curl -H "Authorization: Bearer $TOKEN" ${restUrl}/api/v1/clusters`,
    '',
    '  kubectl get wcc,wcd,wpl,applications -A',
    `  kubectl --context ${first?.name ?? ''} get wch,wca,wcp -A`,
    instance.options.demo ? `  kubectl -n ${LATTICE} describe application ${APPLICATION}` : '  kubectl api-resources',
    '',
    'Ctrl-C stops everything.',
  ].join('\n');
}

async function table({ members }: Instance, world: World, signal: AbortSignal): Promise<string[]> {
  const running = await world.running(signal);
  const rows = members.flatMap(({ name, region, hosts }) =>
    hosts.map((host) => [
      name,
      region ?? '',
      host.name,
      host.address ?? '127.0.0.1',
      String(running.get(host.name) ?? 0),
    ]),
  );
  const head = ['CLUSTER', 'REGION', 'HOST', 'ADDRESS', 'REPLICAS OF HELLO'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 2))
      .join('')
      .trimEnd(),
  );
}
