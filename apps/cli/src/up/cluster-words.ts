import { isAbsolute, resolve } from 'node:path';
import { UserError } from '../user-error.ts';

export interface ClusterOption {
  readonly name: string;
  /** Absent on a hub that is no member of its own. */
  readonly region?: string;
  /** Where an administrator's access to a cluster that is there already comes from; absent for an embedded one. */
  readonly kubeconfig?: KubeconfigOption;
}

export interface KubeconfigOption {
  /** Absolute path. */
  readonly file: string;
  /** The file's current context when absent. */
  readonly context?: string;
}

export interface Clusters {
  readonly hub: ClusterOption;
  /** The hub is among them where it is a member of its own. */
  readonly members: readonly ClusterOption[];
}

const NAME = /^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/;
const NAMED = /^([a-z0-9][-a-z0-9]*)(?::([a-z0-9][-a-z0-9]*))?=(.+)$/;
/** The two regions over which the story's application is spread. */
export const storyRegions = ['eu', 'us'] as const;

/**
 * What follows `--clusters`: one list of embedded clusters (`hub,eu-1:eu,us-1:us`), or a kubeconfig for each cluster that
 * is there already (`[NAME[:REGION]=]FILE[#CONTEXT]`), the hub first. Throws UserError naming the word that is wrong.
 *
 * @param folder what file names are relative to
 */
export function parseClusters(words: readonly string[], folder: string): Clusters {
  const [first = '', ...more] = words;
  const isList = more.length === 0 && !/[./#=]/.test(first);
  const clusters = isList ? embedded(first) : existing(words, folder);
  const names = new Set([clusters.hub.name]);
  for (const { name } of clusters.members.filter((member) => member !== clusters.hub)) {
    if (names.has(name)) throw new UserError(`--clusters: ${name} is named twice`);
    names.add(name);
  }
  return clusters;
}

function embedded(list: string): Clusters {
  const [hub, ...members] = list.split(',').map(parseName);
  if (hub === undefined || hub.region !== undefined) {
    throw new UserError('--clusters: the first one is the hub, which has no region: hub,eu-1:eu,us-1:us');
  }
  if (members.length === 0) {
    throw new UserError(
      '--clusters: name one member at least (hub,eu-1:eu), or give a kubeconfig file for each cluster',
    );
  }
  return { hub, members };
}

/** Two clusters are both members, so that there are two regions; of more, the first is a hub alone unless it has a region. */
function existing(words: readonly string[], folder: string): Clusters {
  const [first, ...others] = words.map((word) => parseKubeconfig(word, folder));
  if (first === undefined || others.length === 0) {
    throw new UserError('--clusters: one cluster is not enough: give a kubeconfig for the hub and one for a member');
  }
  const [eu, us] = storyRegions;
  const hubRegion = first.region ?? (others.length > 1 ? undefined : others[0]?.region === eu ? us : eu);
  const hub = { ...first, name: first.name ?? 'hub', ...(hubRegion !== undefined && { region: hubRegion }) };
  const counts = new Map<string, number>();
  const members = others.map((other, index): ClusterOption => {
    const region = other.region ?? ((hubRegion === eu) === (index % 2 === 0) ? us : eu);
    const count = (counts.get(region) ?? 0) + 1;
    counts.set(region, count);
    return { ...other, name: other.name ?? `${region}-${count}`, region };
  });
  return { hub, members: hubRegion === undefined ? members : [hub, ...members] };
}

interface KubeconfigWord {
  readonly name?: string;
  readonly region?: string;
  readonly kubeconfig: KubeconfigOption;
}

function parseKubeconfig(word: string, folder: string): KubeconfigWord {
  const [, name, region, rest = word] = NAMED.exec(word) ?? [];
  const [, path = rest, context] = /^(.+)#([^/]+)$/.exec(rest) ?? [];
  const file = isAbsolute(path) ? path : resolve(folder, path);
  return {
    ...(name !== undefined && parseName(region === undefined ? name : `${name}:${region}`)),
    kubeconfig: { file, ...(context !== undefined && { context }) },
  };
}

function parseName(text: string): { name: string; region?: string } {
  const [name = '', region, ...more] = text.trim().split(':');
  for (const word of [name, ...(region === undefined ? [] : [region])]) {
    if (more.length > 0 || !NAME.test(word)) {
      throw new UserError(`--clusters: "${text}" is not name or name:region, in small letters, digits and dashes`);
    }
  }
  return region === undefined ? { name } : { name, region };
}
