import { isAbsolute, resolve } from 'node:path';
import { UserError } from '../user-error.ts';

export interface ClusterOption {
  readonly name: string;
  /** Absent on the hub alone. */
  readonly region?: string;
}

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
  readonly members: readonly ClusterOption[];
  readonly hostsPerCluster: number;
  /** Hosts share 127.0.0.1 and get ports of their own, as on systems without further loopback addresses. */
  readonly mapPorts: boolean;
}

/** The options as commander gives them. */
export interface RawUpOptions {
  readonly demo?: boolean;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly state: string;
  readonly restPort?: string;
  readonly clusters: string;
  readonly hostsPerCluster: string;
  readonly mapPorts?: boolean;
}

export const upDefaults = { state: '.kasmcloud', clusters: 'hub,eu-1:eu,us-1:us', hostsPerCluster: '2' } as const;

const NAME = /^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/;

/** Throws UserError naming the option that is wrong. */
export function parseUpOptions(raw: RawUpOptions, folder: string): UpOptions {
  const [hub, ...members] = raw.clusters.split(',').map(parseCluster);
  if (hub === undefined || hub.region !== undefined) {
    throw new UserError('--clusters: the first one is the hub, which has no region: hub,eu-1:eu,us-1:us');
  }
  if (members.length === 0) throw new UserError('--clusters: name one member at least: hub,eu-1:eu');
  const names = [hub, ...members].map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UserError(`--clusters: ${twice} is named twice`);
  const once = raw.once === true;
  if (once && raw.demo !== true) throw new UserError('--once tells the story of --demo: give both');
  return {
    demo: raw.demo === true,
    once,
    json: raw.json === true,
    state: isAbsolute(raw.state) ? raw.state : resolve(folder, raw.state),
    restPort: raw.restPort === undefined ? undefined : integer('--rest-port', raw.restPort, 1, 65_535),
    hub,
    members,
    hostsPerCluster: integer('--hosts-per-cluster', raw.hostsPerCluster, 1, 20),
    mapPorts: raw.mapPorts === true,
  };
}

function parseCluster(text: string): ClusterOption {
  const [name = '', region, ...more] = text.trim().split(':');
  for (const word of [name, ...(region === undefined ? [] : [region])]) {
    if (more.length > 0 || !NAME.test(word)) {
      throw new UserError(`--clusters: "${text}" is not name or name:region, in small letters, digits and dashes`);
    }
  }
  return region === undefined ? { name } : { name, region };
}

function integer(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new UserError(`${option}: "${text}" is not a whole number from ${least} to ${most}`);
  }
  return value;
}
