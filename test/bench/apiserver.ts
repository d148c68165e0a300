/**
 * `kasm apiserver` against kube-apiserver with etcd, both as programs, asked by the same clients over TLS. Durability is
 * equal: memory is measured against an etcd that does not sync to the disk, a file against one that does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { asked } from './asked.ts';
import { median, report, type Result } from './harness.ts';
import { Load } from './kube/load.ts';
import { buildKasm, residentMb, startEmbedded, startKubernetes, type Server } from './kube/servers.ts';

const OBJECTS = 10_000;
const MANY_OBJECTS = 100_000;
const UPDATES = 5_000;
const UPDATES_OF_MANY_WATCHERS = 100;
const WATCHERS = 1_000;
/** By then the server has given back what it does not need. */
const IDLE_MS = 40_000;
const STARTS = 5;

/** Figures of one server by the name of their row. */
type Figures = ReadonlyMap<string, { readonly value: number; readonly unit: string; readonly verified: boolean }>;

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

async function measure(server: Server, many: boolean): Promise<Figures> {
  const figures = new Map<string, { value: number; unit: string; verified: boolean }>();
  const note = (name: string, value: number, unit: string, verified = true): void =>
    void figures.set(name, { value, unit, verified });
  await using load = new Load(server);
  note('start-ms', server.startMs, 'ms');
  await load.createNamespace();
  const created = await load.create(0, OBJECTS);
  note('creates-per-s', created.perSecond, '/s');
  note('create-p50-ms', created.p50, 'ms');
  note('create-p99-ms', created.p99, 'ms');
  await sleep(IDLE_MS);
  note('rss-mb-10k', await residentMb(server), 'MB');
  const list = await load.list();
  note('list-10k-ms', list.ms, 'ms', list.count === OBJECTS);
  const updated = await load.update(0, UPDATES, 1);
  note('updates-per-s', updated.perSecond, '/s');
  note('update-p50-ms', updated.p50, 'ms');
  note('update-p99-ms', updated.p99, 'ms');
  const one = await load.watch(1, UPDATES, 2);
  note('watch-events-per-s', one.perSecond, '/s', one.complete);
  const thousand = await load.watch(WATCHERS, UPDATES_OF_MANY_WATCHERS, 3);
  note('watch-events-per-s-1000-watchers', thousand.perSecond, '/s', thousand.complete);
  if (many) {
    await load.create(OBJECTS, MANY_OBJECTS);
    await sleep(IDLE_MS);
    note('rss-mb-100k', await residentMb(server), 'MB');
  }
  return figures;
}

async function measured(start: () => Promise<Server>, many: boolean): Promise<Figures> {
  const server = await start();
  try {
    return await measure(server, many);
  } finally {
    await server.close();
  }
}

/** The median of several starts. */
async function startMs(durable: boolean): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < STARTS; run++) {
    const server = await startEmbedded(durable);
    times.push(server.startMs);
    await server.close();
  }
  return median(times.toSorted((a, b) => a - b));
}

async function compare(durable: boolean, assets: string | undefined): Promise<Result[]> {
  const suffix = durable ? '' : '-memory';
  tell(`kasm apiserver, ${durable ? 'one file' : 'memory'}`);
  const start = await startMs(durable);
  const ours = await measured(async () => startEmbedded(durable), !durable);
  if (assets !== undefined) tell(`kube-apiserver and etcd, ${durable ? 'with' : 'without'} fsync`);
  const theirs =
    assets === undefined ? undefined : await measured(async () => startKubernetes(assets, durable), !durable);
  return [...ours].map(([name, { value, unit, verified }]) => ({
    name: `${name}${suffix}`,
    value: name === 'start-ms' ? start : value,
    unit,
    baseline: theirs?.get(name)?.value ?? null,
    verified: verified && (theirs?.get(name)?.verified ?? true),
  }));
}

asked('apiserver', 'kasm apiserver against kube-apiserver with etcd, where its programs are there.');
const assets = presentAssets();
if (assets === undefined) {
  tell('kube-apiserver is not measured: its programs are missing; get them with node tools/kube-assets/src/main.ts');
}
await buildKasm();
report('kasm apiserver; baseline: kube-apiserver with etcd', [
  ...(await compare(true, assets)),
  ...(await compare(false, assets)),
]);
