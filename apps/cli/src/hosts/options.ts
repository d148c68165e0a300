import { isAbsolute, resolve } from 'node:path';
import { durationOption } from '../duration-option.ts';
import type { RawHostsOptions } from './raw-options.ts';
import { UserError } from '../user-error.ts';

export interface HollowCluster {
  /** Absolute path. */
  readonly file: string;
  /** The file's current context when absent. */
  readonly context?: string;
  /** Names of its hosts, without their numbers. */
  readonly prefix: string;
}

export interface HollowOptions {
  /** In each cluster. */
  readonly hosts: number;
  readonly clusters: readonly HollowCluster[];
  readonly labels: Readonly<Record<string, string>>;
  readonly lattices: readonly string[];
  readonly allocatable: Readonly<Record<string, string>>;
  readonly interfaces: readonly string[];
  readonly runtime: 'kasmcloud' | 'wasmcloud';
  readonly startDelayMs: number;
  readonly failureRate: number;
  readonly badImages: readonly string[];
  readonly leaseSeconds: number;
  readonly renewMs: number;
  readonly seed: number;
}

const MOST_HOSTS = 10_000;
const NAME = /^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$/;

/** Throws UserError naming the option that is wrong. `folder`: what file names are relative to. */
export function parseHostsOptions(raw: RawHostsOptions, folder: string): HollowOptions {
  const leaseMs = durationOption('--lease', raw.lease, 1_000);
  const renewMs = raw.renew === undefined ? leaseMs / 3 : durationOption('--renew', raw.renew, 100);
  if (renewMs >= leaseMs) throw new UserError(`--renew: ${raw.renew} is not shorter than the lease, ${raw.lease}`);
  if (raw.runtime !== 'kasmcloud' && raw.runtime !== 'wasmcloud')
    throw new UserError(`--runtime: "${raw.runtime}" is neither kasmcloud nor wasmcloud`);
  return {
    hosts: number('--hollow', raw.hollow, 1, MOST_HOSTS, true),
    clusters: distinct(raw.kubeconfig.map((word) => parseCluster(word, raw.name, folder))),
    labels: pairs('--labels', raw.labels ?? ''),
    lattices: list(raw.lattices),
    allocatable: pairs('--allocatable', raw.allocatable),
    interfaces: list(raw.interfaces ?? ''),
    runtime: raw.runtime,
    startDelayMs: durationOption('--start-delay', raw.startDelay, 0),
    failureRate: number('--failure-rate', raw.failureRate, 0, 1, false),
    badImages: raw.badImage ?? [],
    leaseSeconds: Math.ceil(leaseMs / 1_000),
    renewMs,
    seed: number('--seed', raw.seed, 0, 2 ** 31, true),
  };
}

/** `[NAME=]FILE[#CONTEXT]` */
function parseCluster(word: string, name: string, folder: string): HollowCluster {
  const [, prefix = name, rest = word] = /^([^=/]+)=(.+)$/.exec(word) ?? [];
  if (!NAME.test(prefix))
    throw new UserError(`"${prefix}" cannot begin a host's name: small letters, digits and dashes`);
  const [, path = rest, context] = /^(.+)#([^/]+)$/.exec(rest) ?? [];
  const file = isAbsolute(path) ? path : resolve(folder, path);
  return { prefix, file, ...(context !== undefined && { context }) };
}

function distinct(clusters: readonly HollowCluster[]): readonly HollowCluster[] {
  const seen = new Set<string>();
  for (const { file, context } of clusters) {
    const place = `${file}#${context}`;
    if (seen.has(place)) throw new UserError(`--kubeconfig: ${file} is given twice`);
    seen.add(place);
  }
  return clusters;
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function pairs(option: string, text: string): Record<string, string> {
  return Object.fromEntries(
    list(text).map((pair) => {
      const [key = '', value, ...rest] = pair.split('=');
      if (key === '' || value === undefined || rest.length > 0)
        throw new UserError(`${option}: "${pair}" is not key=value`);
      return [key, value];
    }),
  );
}

function number(option: string, text: string, least: number, most: number, isWhole: boolean): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
    throw new UserError(`${option}: "${text}" is not a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`);
  return value;
}
