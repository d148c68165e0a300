import { create, get, mergePatch, remove, watch, type Case, type Step, type Suite } from '../case.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { inNs, installed, object, served } from './product.ts';

const actors = inNs('wasmcloudactors');
const providers = inNs('wasmcloudproviders');
const quiet = { show: (): JsonValue => null };

const actor = (name: string, hostName: string): Step =>
  create(actors, object('WasmCloudActor', { hostName, id: name, image: 'example.com/x:1', instances: 1 }, name), quiet);
/** On a host, or in a container: then it has no `hostName`. */
const provider = (name: string, place: JsonObject): Step =>
  create(providers, object('WasmCloudProvider', { ...place, id: name, image: 'example.com/x:1' }, name), quiet);

const selecting = (path: string, selector: string): string => `${path}?fieldSelector=${encodeURIComponent(selector)}`;

/** Names that a list holds; what is no list is shown whole. */
const names = (body: JsonValue): JsonValue => {
  const { items, ...rest } = body as JsonObject;
  return Array.isArray(items)
    ? items.map((one) => ((one as JsonObject)['metadata'] as JsonObject)['name'] ?? null)
    : rest;
};
/** Types and names of events. */
const events = (body: JsonValue): JsonValue =>
  (body as readonly JsonObject[]).map(({ type, object: one }) => [
    type ?? null,
    ((one as JsonObject)['metadata'] as JsonObject)['name'] ?? null,
  ]);

const listed = (path: string, selector: string): Step => get(selecting(path, selector), { show: names });
const firstVersion = (path: string): Step => get(path, { save: { rv: 'metadata.resourceVersion' }, ...quiet });
const followed = (path: string, selector: string, count: number, during: readonly Step[]): Step =>
  watch(`${selecting(path, selector)}&resourceVersion=<rv>`, count, during, { show: events });

const ready = (path: string, name: string): Step =>
  mergePatch(`${path}/${name}/status`, { status: { observedGeneration: 1 } }, quiet);
const gone = (path: string, name: string): Step => remove(`${path}/${name}`, undefined, quiet);

const inPods = { container: {} };
const on = (hostName: string): JsonObject => ({ hostName });

const ofActors: readonly Case[] = [
  {
    name: 'actors: lists of one host, of all others, and of none',
    steps: [
      ...installed(['wasmcloudactors.kasmcloud.io']),
      served(actors),
      actor('a', 'h1'),
      actor('b', 'h2'),
      actor('c', 'h1'),
      ...['=h1', '==h1', '!=h1', '=h3', '=', '!='].map((rest) => listed(actors, `spec.hostName${rest}`)),
      listed(actors, 'spec.hostName=h1,metadata.name=c'),
      listed(actors, 'spec.hostName=h1,spec.hostName=h2'),
      listed(actors, 'spec.id=a'),
      listed(actors, 'spec.hostName in (h1,h2)'),
      get(`${selecting(actors, 'spec.hostName=h1')}&limit=1`, { show: names }),
    ],
  },
  {
    name: 'actors: a host hears of its own, and of nothing else',
    steps: [
      ...installed(['wasmcloudactors.kasmcloud.io']),
      served(actors),
      firstVersion(actors),
      followed(actors, 'spec.hostName=h1', 4, [
        actor('theirs', 'h2'),
        actor('a', 'h1'),
        ready(actors, 'theirs'),
        ready(actors, 'a'),
        gone(actors, 'theirs'),
        gone(actors, 'a'),
        actor('b', 'h1'),
      ]),
    ],
  },
];

const ofProviders: readonly Case[] = [
  {
    name: 'providers: lists of those on hosts, in containers, and on one host',
    steps: [
      ...installed(['wasmcloudproviders.kasmcloud.io']),
      served(providers),
      provider('a', on('h1')),
      provider('b', inPods),
      provider('c', on('h2')),
      provider('d', inPods),
      ...['=', '==', '!=', '=h1', '!=h1'].map((rest) => listed(providers, `spec.hostName${rest}`)),
      listed(providers, 'spec.hostName!=,metadata.name!=a'),
      listed(providers, 'spec.container='),
    ],
  },
  {
    name: 'providers: who watches those on hosts does not hear of containers',
    steps: [
      ...installed(['wasmcloudproviders.kasmcloud.io']),
      served(providers),
      firstVersion(providers),
      followed(providers, 'spec.hostName!=', 4, [
        provider('pods', inPods),
        provider('a', on('h1')),
        ready(providers, 'pods'),
        ready(providers, 'a'),
        gone(providers, 'pods'),
        gone(providers, 'a'),
        provider('b', on('h2')),
      ]),
    ],
  },
  {
    name: 'providers: who watches containers does not hear of hosts',
    steps: [
      ...installed(['wasmcloudproviders.kasmcloud.io']),
      served(providers),
      firstVersion(providers),
      followed(providers, 'spec.hostName=', 4, [
        provider('a', on('h1')),
        provider('pods', inPods),
        ready(providers, 'a'),
        ready(providers, 'pods'),
        gone(providers, 'a'),
        gone(providers, 'pods'),
        provider('more', inPods),
      ]),
    ],
  },
];

/** The field selectors by which hosts, repeater and scheduler ask for what is theirs. */
export const byHost: Suite = { name: 'by-host', cases: [...ofActors, ...ofProviders] };
