import { isAbsolute, resolve } from 'node:path';
import { UserError } from '../user-error.ts';
import { parseClusters, storyRegions, type ClusterOption } from './cluster-words.ts';

export interface UpOptions {
  /** Tell the story of a commit that becomes running actors. */
  readonly demo: boolean;
  /** Tell the whole story, then stop. */
  readonly once: boolean;
  /** One line of JSON on stdout at the end. */
  readonly json: boolean;
  /** Absolute path of the state folder. */
  readonly state: string;
  readonly restPort: number | undefined;
  readonly hub: ClusterOption;
  /** The hub is among them where it is a member of its own. */
  readonly members: readonly ClusterOption[];
  /** The clusters were there before and stay; otherwise they are embedded. */
  readonly existing: boolean;
  readonly hostsPerCluster: number;
  /** Hosts share 127.0.0.1 and get ports of their own, as on systems without further loopback addresses. */
  readonly mapPorts: boolean;
  /** Every member has a NATS server of its own, a leaf of the hub's. */
  readonly leaf: boolean;
}

/** The options as commander gives them. */
export interface RawUpOptions {
  readonly demo?: boolean;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly state: string;
  readonly restPort?: string;
  readonly clusters: readonly string[];
  readonly hostsPerCluster: string;
  readonly mapPorts?: boolean;
  readonly leaf?: boolean;
}

export const upDefaults = { state: '.kasmcloud', clusters: ['hub,eu-1:eu,us-1:us'], hostsPerCluster: '2' } as const;

/** Throws UserError naming the option that is wrong. */
export function parseUpOptions(raw: RawUpOptions, folder: string): UpOptions {
  const { hub, members } = parseClusters(raw.clusters, folder);
  const once = raw.once === true;
  if (once && raw.demo !== true) throw new UserError('--once tells the story of --demo: give both');
  const missing = storyRegions.find((region) => !members.some((member) => member.region === region));
  if (raw.demo === true && missing !== undefined) {
    throw new UserError(
      `--clusters: the story runs in the regions ${storyRegions.join(' and ')}: no member is in ${missing}`,
    );
  }
  return {
    demo: raw.demo === true,
    once,
    json: raw.json === true,
    state: isAbsolute(raw.state) ? raw.state : resolve(folder, raw.state),
    restPort: raw.restPort === undefined ? undefined : integer('--rest-port', raw.restPort, 1, 65_535),
    hub,
    members,
    existing: hub.kubeconfig !== undefined,
    hostsPerCluster: integer('--hosts-per-cluster', raw.hostsPerCluster, 1, 20),
    mapPorts: raw.mapPorts === true,
    leaf: raw.leaf === true,
  };
}

function integer(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new UserError(`${option}: "${text}" is not a whole number from ${least} to ${most}`);
  }
  return value;
}
