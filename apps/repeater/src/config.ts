import { durationSetting, LOG_LEVELS, parseEnv, portSetting, settingsHelp } from '@kasmcloud/observe';
import { z } from 'zod';

/** Every setting, its default, and what `--help` says about it. */
const settings = z.object({
  KASMCLOUD_HUB_KUBECONFIG: z
    .string()
    .optional()
    .describe('Kubeconfig file of the hub; the service account of the pod when absent.'),
  KASMCLOUD_NATS_URL: z.string().default('nats://127.0.0.1:4222').describe('NATS server of the lattices.'),
  KASMCLOUD_NATS_CREDS: z.string().optional().describe('NATS credentials file; anonymous when absent.'),
  KASMCLOUD_NATS_DOMAIN: z
    .string()
    .optional()
    .describe('JetStream domain of the lattices, where servers are joined by leaf nodes.'),
  KASMCLOUD_PORT: portSetting(8082).describe('Port of the probes and metrics; 0 takes a free one.'),
  KASMCLOUD_BIND: z.string().default('127.0.0.1').describe('Address to listen on.'),
  KASMCLOUD_HEARTBEAT_INTERVAL: durationSetting('30s').describe(
    'How often each KasmCloud host is told to its lattice.',
  ),
  KASMCLOUD_PING_INTERVAL: durationSetting('10s').describe('How often legacy hosts are asked whether they live.'),
  KASMCLOUD_LEASE_DURATION: durationSetting('4s').describe(
    "Life of a lattice's ownership, after which another repeater takes over from one that died; 2s or more.",
  ),
  KASMCLOUD_LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('Least level that is logged.'),
});

export interface Config {
  readonly hubKubeconfig: string | undefined;
  readonly natsUrl: string;
  readonly natsCreds: string | undefined;
  readonly natsDomain: string | undefined;
  readonly port: number;
  readonly host: string;
  readonly heartbeatMs: number;
  readonly pingMs: number;
  readonly leaseMs: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** Throws ConfigError with every problem of the environment at once. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const read = parseEnv(settings, env);
  return {
    hubKubeconfig: read.KASMCLOUD_HUB_KUBECONFIG,
    natsUrl: read.KASMCLOUD_NATS_URL,
    natsCreds: read.KASMCLOUD_NATS_CREDS,
    natsDomain: read.KASMCLOUD_NATS_DOMAIN,
    port: read.KASMCLOUD_PORT,
    host: read.KASMCLOUD_BIND,
    heartbeatMs: read.KASMCLOUD_HEARTBEAT_INTERVAL,
    pingMs: read.KASMCLOUD_PING_INTERVAL,
    leaseMs: Math.max(2_000, read.KASMCLOUD_LEASE_DURATION),
    logLevel: read.KASMCLOUD_LOG_LEVEL,
  };
}

/** The text of `--help`. */
export const helpText = (): string =>
  settingsHelp('kasmcloud-repeater: joins NATS lattices with Kubernetes resources.', settings);
