import { availableParallelism, hostname } from 'node:os';
import {
  durationSetting,
  flagSetting,
  listSetting,
  LOG_LEVELS,
  parseEnv,
  portSetting,
  settingsHelp,
  TRACING_HELP,
  tracingSettings,
  type TracingSettings,
} from '@kasmcloud/observe';
import { DEFAULT_HOST_INSTANCES } from '@kasmcloud/kube-api';
import type { OciImagesOptions, SignatureOptions } from '@kasmcloud/oci';
import { z } from 'zod';
import { readImagePolicies } from './images/image-policies.ts';
import { parseMirrors } from './images/mirrors.ts';
import { parseVolumes } from './volumes.ts';
import { parseLabels } from './registration/labels.ts';

/** Every setting, its default, and what `--help` says about it. */
const settings = z.object({
  KASMCLOUD_KUBECONFIG: z
    .string()
    .optional()
    .describe("Kubeconfig file of this host's cluster; the service account of the pod when absent."),
  KASMCLOUD_HOST_NAME: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'expected lower-case letters, digits, - and .')
    .max(253)
    .default(hostname().toLowerCase())
    .describe('Name of the WasmCloudHost.'),
  KASMCLOUD_HOST_LABELS: z
    .string()
    .default('')
    .transform((text, context) => {
      const labels = parseLabels(text);
      if (typeof labels !== 'string') return labels;
      context.addIssue({ code: 'custom', message: labels });
      return z.NEVER;
    })
    .describe('Labels of the host: k=v,k=v.'),
  KASMCLOUD_LATTICES: listSetting('*').describe(
    'Lattices to serve, written when the host is first registered; * is all.',
  ),
  KASMCLOUD_LISTEN_ADDRESS: z.string().default('127.0.0.1').describe('Address that 0.0.0.0 in a link means here.'),
  KASMCLOUD_LISTEN_MAP: flagSetting(false).describe('Whether links get free ports instead of the ones they ask for.'),
  KASMCLOUD_DATA_DIR: z
    .string()
    .default('.cache/kasmcloud-host')
    .describe('Folder of the host key, the caches, and the last state, from which a host starts when need be.'),
  KASMCLOUD_STATE_KEY_FILE: z
    .string()
    .optional()
    .describe('File whose content seals the last state on disk; the host key, which lies beside it, when absent.'),
  KASMCLOUD_START_PATIENCE: durationSetting('5s').describe(
    'How long a host that starts waits for its API server before it goes by its last state.',
  ),
  KASMCLOUD_ALLOW_FILE: flagSetting(false).describe('Whether file:// images may run.'),
  KASMCLOUD_FILE_ROOT: z.string().optional().describe('Folder that file:// images must be inside.'),
  KASMCLOUD_PROVIDER_PROCESSES: flagSetting(false).describe(
    'Whether providers that are not built in run as processes of this host, with the rights of its user.',
  ),
  KASMCLOUD_PROVIDER_HEALTH: durationSetting('30s').describe('How often such a provider is asked after its health.'),
  KASMCLOUD_PROVIDER_STOP: durationSetting('5s').describe('How long such a provider may take to stop.'),
  KASMCLOUD_VOLUMES: z
    .string()
    .default('')
    .transform((text, context) => {
      const volumes = parseVolumes(text);
      if (typeof volumes !== 'string') return volumes;
      context.addIssue({ code: 'custom', message: volumes });
      return z.NEVER;
    })
    .describe('Folders that links may give to actors and blob stores: name=/folder,name=/folder.'),
  KASMCLOUD_OCI_INSECURE: listSetting('').describe('Registries, host:port, that are spoken to in plain HTTP.'),
  KASMCLOUD_OCI_ALLOW_LATEST: flagSetting(false).describe('Whether images with the tag latest, or with none, may run.'),
  KASMCLOUD_OCI_MIRRORS: listSetting('')
    .transform((items, context) => {
      const mirrors = parseMirrors(items);
      if (typeof mirrors !== 'string') return mirrors;
      context.addIssue({ code: 'custom', message: mirrors });
      return z.NEVER;
    })
    .describe('Where to ask before a registry: registry=mirror.example.com/prefix, in the order of asking.'),
  KASMCLOUD_OCI_DOCKER_CONFIG: z
    .string()
    .optional()
    .describe('A docker config.json with credentials for registries; actors may have pull Secrets besides.'),
  KASMCLOUD_IMAGE_POLICY_FILE: z
    .string()
    .optional()
    .transform((path, context) => {
      if (path === undefined) return undefined;
      const policies = readImagePolicies(path);
      if (typeof policies !== 'string') return policies;
      context.addIssue({ code: 'custom', message: policies });
      return z.NEVER;
    })
    .describe('A file of ClusterImagePolicies (JSON): whose signatures images need. Read when the host starts.'),
  KASMCLOUD_IMAGE_POLICY_NO_MATCH: z
    .enum(['deny', 'allow'])
    .default('deny')
    .describe('With such a file: what becomes of images that none of its policies is about, and of file:// images.'),
  KASMCLOUD_IMAGE_CACHE_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(2 * 2 ** 30)
    .describe('The most bytes of pulled images that are kept; those that run are kept beyond it.'),
  KASMCLOUD_IMAGE_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(50 * 2 ** 20)
    .describe('The largest image that is read.'),
  KASMCLOUD_INSTANCES: z.coerce
    .number()
    .int()
    .min(1)
    .default(DEFAULT_HOST_INSTANCES)
    .describe('The most instances that run here at once.'),
  KASMCLOUD_WORKERS: z.coerce
    .number()
    .int()
    .min(1)
    .default(availableParallelism())
    .describe('Threads that run actors.'),
  KASMCLOUD_SPARE_WORKER: flagSetting(true).describe(
    'Whether one such thread is always started and tried out before an actor needs it, so that it answers sooner.',
  ),
  KASMCLOUD_LEASE_DURATION: durationSetting('15s').describe('Life of the host Lease.'),
  KASMCLOUD_LEASE_RENEW: durationSetting('5s').describe('How often the host Lease is renewed.'),
  KASMCLOUD_CALL_TIMEOUT: durationSetting('10s').describe('The longest that one call of an actor may take.'),
  KASMCLOUD_NATS_URL: z.string().default('nats://127.0.0.1:4222').describe('NATS server of the lattice.'),
  KASMCLOUD_PORT: portSetting(8080).describe('Port of the probes; 0: any.'),
  KASMCLOUD_BIND: z.string().default('127.0.0.1').describe('Address of the probes.'),
  KASMCLOUD_LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('Least level that is logged.'),
});

export interface Config {
  readonly kubeconfig: string | undefined;
  readonly hostName: string;
  readonly hostLabels: Readonly<Record<string, string>>;
  readonly lattices: readonly string[];
  readonly listenAddress: string;
  readonly listenMap: boolean;
  readonly dataDir: string;
  readonly stateKeyFile: string | undefined;
  readonly startPatienceMs: number;
  readonly allowFile: boolean;
  readonly fileRoot: string | undefined;
  readonly processes: { readonly allowed: boolean; readonly healthMs: number; readonly stopMs: number };
  /** Folders by the names that links have for them. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly oci: Pick<OciImagesOptions, 'insecure' | 'allowLatest' | 'mirrors' | 'cacheBytes' | 'maxImageBytes'> & {
    readonly dockerConfig: string | undefined;
    readonly signatures: Pick<SignatureOptions, 'policies' | 'noMatch'> | undefined;
  };
  readonly instances: number;
  readonly workers: number;
  /** Whether a thread for actors is there before the first of them. */
  readonly spareWorker: boolean;
  readonly leaseDurationMs: number;
  readonly leaseRenewMs: number;
  readonly callTimeoutMs: number;
  readonly natsUrl: string;
  readonly port: number;
  readonly bind: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Undefined when no traces are exported. */
  readonly tracing: TracingSettings | undefined;
}

/** Throws ConfigError with every problem of the environment at once. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const read = parseEnv(settings, env);
  return {
    kubeconfig: read.KASMCLOUD_KUBECONFIG,
    hostName: read.KASMCLOUD_HOST_NAME,
    hostLabels: read.KASMCLOUD_HOST_LABELS,
    lattices: read.KASMCLOUD_LATTICES,
    listenAddress: read.KASMCLOUD_LISTEN_ADDRESS,
    listenMap: read.KASMCLOUD_LISTEN_MAP,
    dataDir: read.KASMCLOUD_DATA_DIR,
    stateKeyFile: read.KASMCLOUD_STATE_KEY_FILE,
    startPatienceMs: read.KASMCLOUD_START_PATIENCE,
    allowFile: read.KASMCLOUD_ALLOW_FILE,
    fileRoot: read.KASMCLOUD_FILE_ROOT,
    processes: {
      allowed: read.KASMCLOUD_PROVIDER_PROCESSES,
      healthMs: read.KASMCLOUD_PROVIDER_HEALTH,
      stopMs: read.KASMCLOUD_PROVIDER_STOP,
    },
    volumes: read.KASMCLOUD_VOLUMES,
    oci: {
      insecure: read.KASMCLOUD_OCI_INSECURE,
      allowLatest: read.KASMCLOUD_OCI_ALLOW_LATEST,
      mirrors: read.KASMCLOUD_OCI_MIRRORS,
      dockerConfig: read.KASMCLOUD_OCI_DOCKER_CONFIG,
      signatures: read.KASMCLOUD_IMAGE_POLICY_FILE && {
        policies: read.KASMCLOUD_IMAGE_POLICY_FILE,
        noMatch: read.KASMCLOUD_IMAGE_POLICY_NO_MATCH,
      },
      cacheBytes: read.KASMCLOUD_IMAGE_CACHE_BYTES,
      maxImageBytes: read.KASMCLOUD_IMAGE_MAX_BYTES,
    },
    instances: read.KASMCLOUD_INSTANCES,
    workers: read.KASMCLOUD_WORKERS,
    spareWorker: read.KASMCLOUD_SPARE_WORKER,
    leaseDurationMs: read.KASMCLOUD_LEASE_DURATION,
    leaseRenewMs: read.KASMCLOUD_LEASE_RENEW,
    callTimeoutMs: read.KASMCLOUD_CALL_TIMEOUT,
    natsUrl: read.KASMCLOUD_NATS_URL,
    port: read.KASMCLOUD_PORT,
    bind: read.KASMCLOUD_BIND,
    logLevel: read.KASMCLOUD_LOG_LEVEL,
    tracing: tracingSettings(env),
  };
}

/** The text of `--help`. */
export const helpText = (): string =>
  `${settingsHelp('kasmcloud-host: runs actors and providers.', settings)}\n${TRACING_HELP}\n`;
