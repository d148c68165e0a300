import { durationSetting, flagSetting, LOG_LEVELS, parseEnv, portSetting, settingsHelp } from '@kasmcloud/observe';
import { z } from 'zod';

/** Every setting, its default, and what `--help` says about it. */
const settings = z.object({
  KASMCLOUD_HUB_KUBECONFIG: z
    .string()
    .optional()
    .describe('Kubeconfig file of the hub; the service account of the pod when absent.'),
  KASMCLOUD_PORT: portSetting(8080).describe('Port of the REST API and the probes; 0 takes a free one.'),
  KASMCLOUD_BIND: z.string().default('127.0.0.1').describe('Address to listen on.'),
  KASMCLOUD_LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('Least level that is logged.'),
  KASMCLOUD_NATS_URL: z.string().default('nats://127.0.0.1:4222').describe('NATS server for the wadm API.'),
  KASMCLOUD_CONTAINER_NATS_URL: z
    .string()
    .optional()
    .describe('NATS server as pods reach it; without it no provider runs in a container.'),
  KASMCLOUD_REDIS_URL: z.string().default('redis://127.0.0.1:6379').describe('Redis for the job queues.'),
  KASMCLOUD_REDIS_PREFIX: z.string().default('kasmcloud').describe('Prefix of every Redis key.'),
  KASMCLOUD_CACHE_DIR: z.string().default('.cache/kasmcloud').describe('Folder of the git mirrors.'),
  KASMCLOUD_GIT_ALLOW_FILE: flagSetting(false).describe('Whether GitSources may use file:// URLs.'),
  KASMCLOUD_HOST_LOST_AFTER: durationSetting('30s').describe('A silent host is Lost after this long, and replaced.'),
  KASMCLOUD_HOST_GONE_AFTER: durationSetting('10m').describe('A Lost host is removed after this long.'),
  KASMCLOUD_CLUSTER_LOST_AFTER: durationSetting('60s').describe('An unreachable cluster is replaced after this long.'),
  KASMCLOUD_START_GRACE: durationSetting('10s').describe(
    'A host that refuses to start something is avoided after this long.',
  ),
  KASMCLOUD_LEASE_DURATION: durationSetting('3s').describe(
    'Life of the leader Lease: without a sign of the leader for so long, another scheduler decides.',
  ),
  KASMCLOUD_GATHER: durationSetting('50ms').describe('How long changes are gathered before one plan.'),
  KASMCLOUD_RESYNC: durationSetting('60s').describe('How often everything is looked at again.'),
  KASMCLOUD_ALLOW_LATTICE_API: flagSetting(true).describe('Whether to serve the wadm API on NATS.'),
  KASMCLOUD_WADM_MULTITENANT: flagSetting(false).describe(
    'Whether NATS puts the account in front of wadm API subjects; namespaces then name theirs.',
  ),
  KASMCLOUD_WADM_CHECK: durationSetting('10s').describe('How often to look for a wadm beside this one.'),
  KASMCLOUD_QUEUE_BOARD: flagSetting(false).describe('Whether to show the write queues (bull-board) under /queues.'),
});

export interface Config {
  readonly hubKubeconfig: string | undefined;
  readonly port: number;
  readonly bind: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly natsUrl: string;
  readonly containerNatsUrl: string | undefined;
  readonly redisUrl: string;
  readonly redisPrefix: string;
  readonly cacheDir: string;
  readonly gitAllowFile: boolean;
  readonly hostLostAfterMs: number;
  readonly hostGoneAfterMs: number;
  readonly clusterLostAfterMs: number;
  readonly startGraceMs: number;
  readonly leaseDurationMs: number;
  readonly gatherMs: number;
  readonly resyncMs: number;
  readonly serveLatticeApi: boolean;
  readonly wadmMultitenant: boolean;
  readonly wadmCheckMs: number;
  readonly queueBoard: boolean;
}

/** Throws ConfigError with every problem of the environment at once. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const read = parseEnv(settings, env);
  return {
    hubKubeconfig: read.KASMCLOUD_HUB_KUBECONFIG,
    port: read.KASMCLOUD_PORT,
    bind: read.KASMCLOUD_BIND,
    logLevel: read.KASMCLOUD_LOG_LEVEL,
    natsUrl: read.KASMCLOUD_NATS_URL,
    containerNatsUrl: read.KASMCLOUD_CONTAINER_NATS_URL,
    redisUrl: read.KASMCLOUD_REDIS_URL,
    redisPrefix: read.KASMCLOUD_REDIS_PREFIX,
    cacheDir: read.KASMCLOUD_CACHE_DIR,
    gitAllowFile: read.KASMCLOUD_GIT_ALLOW_FILE,
    hostLostAfterMs: read.KASMCLOUD_HOST_LOST_AFTER,
    hostGoneAfterMs: read.KASMCLOUD_HOST_GONE_AFTER,
    clusterLostAfterMs: read.KASMCLOUD_CLUSTER_LOST_AFTER,
    startGraceMs: read.KASMCLOUD_START_GRACE,
    leaseDurationMs: read.KASMCLOUD_LEASE_DURATION,
    gatherMs: read.KASMCLOUD_GATHER,
    resyncMs: read.KASMCLOUD_RESYNC,
    serveLatticeApi: read.KASMCLOUD_ALLOW_LATTICE_API,
    wadmMultitenant: read.KASMCLOUD_WADM_MULTITENANT,
    wadmCheckMs: read.KASMCLOUD_WADM_CHECK,
    queueBoard: read.KASMCLOUD_QUEUE_BOARD,
  };
}

/** The text of `--help`. */
export const helpText = (): string =>
  settingsHelp('kasmcloud-scheduler: places actors and providers over a supercluster.', settings);
