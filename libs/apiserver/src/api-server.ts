import { randomInt, randomUUID } from 'node:crypto';
import { type Logger, silentLogger } from '@kasmcloud/observe';
import { Authenticator, type StaticToken } from './auth/authenticator.ts';
import { Authorizer, mastersGroup } from './auth/authorizer.ts';
import { EscalationCheck } from './auth/escalation.ts';
import { TokenService } from './auth/token-service.ts';
import { bootstrap } from './bootstrap.ts';
import { serveDefinitions } from './controllers/definitions.ts';
import { type ControllerName, controllerNames, startControllers } from './controllers/index.ts';
import { OpenApiDocuments } from './discovery/openapi.ts';
import { Dispatcher } from './http/dispatch.ts';
import { RequestMetrics } from './http/request-metrics.ts';
import { ResourceHandler } from './http/resource-handler.ts';
import { ReviewHandler } from './http/review-handler.ts';
import {
  type RequestTimeouts,
  closeServer,
  connectionsOf,
  createHttpServer,
  defaultTimeouts,
  listen,
} from './http/server.ts';
import { type WatchLimits, defaultWatchLimits } from './http/watch-stream.ts';
import { kubeconfig } from './kubeconfig.ts';
import { builtinResources } from './resources/builtin/index.ts';
import type { Cluster } from './resources/cluster.ts';
import { Registry } from './resources/registry.ts';
import { type Journal, memoryJournal } from './store/journal.ts';
import { SqliteJournal } from './store/sqlite-journal.ts';
import { Store } from './store/store.ts';
import { serverIdentity } from './tls.ts';

export interface ApiServerOptions {
  /** SQLite file that keeps the objects; without it they live as long as the server. */
  readonly dataFile?: string;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Directory that keeps the CA, the keys and the admin token. Default: beside the data file, if there is one. */
  readonly tlsDir?: string;
  /** Further bearer tokens, besides the admin's. */
  readonly tokens?: readonly StaticToken[];
  /** Name of cluster and context in the kubeconfig. Default `kasmcloud`. */
  readonly clusterName?: string;
  readonly logger?: Logger;
  readonly clock?: () => Date;
  /** How many changes of one resource a watch can look back. Default 2,000. */
  readonly eventsKept?: number;
  readonly watchLimits?: WatchLimits;
  /** How long a client may take to send a request. Default: 20 s for its headers, 60 s in all. */
  readonly requestTimeouts?: RequestTimeouts;
  /** Which controllers run. Default: all, as in a cluster with a kube-controller-manager. */
  readonly controllers?: readonly ControllerName[];
  /** Told once when the disk takes no more: every request fails from then on, so the process should end. */
  readonly onFailure?: (error: Error) => void;
}

export interface RunningApiServer {
  /** `https://host:port` */
  readonly url: string;
  readonly port: number;
  readonly caPem: string;
  /** Bearer token of a member of system:masters. */
  readonly adminToken: string;
  /** A kubeconfig, as YAML, for the admin. */
  kubeconfig(): string;
  close(): Promise<void>;
}

const defaultEventsKept = 2000;
const eventBytesKept = 32 * 1024 * 1024;

/** Starts a Kubernetes API server in this process. Resolves when it answers. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<RunningApiServer> {
  const { host = '127.0.0.1', clusterName = 'kasmcloud', logger = silentLogger } = options;
  const now = options.clock ?? ((): Date => new Date());
  const tlsDir = options.tlsDir ?? (options.dataFile === undefined ? undefined : `${options.dataFile}.identity`);
  const identity = await serverIdentity(tlsDir, host, now());
  const journal: Journal = options.dataFile === undefined ? memoryJournal : new SqliteJournal(options.dataFile);
  const store = new Store(journal, {
    eventsKept: options.eventsKept ?? defaultEventsKept,
    bytesKept: eventBytesKept,
    onFailure: (error) => {
      logger.error({ error }, 'the store has stopped');
      options.onFailure?.(error);
    },
  });
  const cluster: Cluster = {
    store,
    registry: new Registry(builtinResources),
    now,
    uid: () => randomUUID(),
    nameSuffix: () => suffix(),
  };
  bootstrap(cluster);
  serveDefinitions(cluster);
  const stopControllers = startControllers(cluster, options.controllers ?? controllerNames, {
    logger,
    caPem: identity.caPem,
  });
  const closing = new AbortController();
  const tokens = new TokenService(cluster, identity.tokenKeyPem);
  const admin = { token: identity.adminToken, user: 'kubernetes-admin', groups: [mastersGroup] };
  const authenticator = new Authenticator([admin, ...(options.tokens ?? [])], (token) => tokens.verify(token)?.user);
  const authorizer = new Authorizer(cluster.store);
  let address = '';
  const metrics = new RequestMetrics();
  const dispatcher = new Dispatcher({
    registry: cluster.registry,
    resources: new ResourceHandler(
      cluster,
      new EscalationCheck(cluster.store, authorizer),
      options.watchLimits ?? defaultWatchLimits,
      closing.signal,
    ),
    reviews: new ReviewHandler({ cluster, authenticator, authorizer, tokens }),
    documents: new OpenApiDocuments(cluster.registry),
    authorizer,
    metrics,
    address: () => address,
  });
  const server = createHttpServer({
    identity,
    authenticator,
    authorizer,
    logger,
    handle: metrics.counted((exchange) => dispatcher.dispatch(exchange)),
    durable: () => store.durable(),
    timeouts: options.requestTimeouts ?? defaultTimeouts,
  });
  const connections = connectionsOf(server);
  await store.durable();
  const port = await listen(server, host, options.port ?? 0);
  address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const url = `https://${address}`;
  logger.info({ url, clusterName }, 'API server listens');
  return {
    url,
    port,
    caPem: identity.caPem,
    adminToken: identity.adminToken,
    kubeconfig: () => kubeconfig({ clusterName, url, caPem: identity.caPem, token: identity.adminToken }),
    close: async () => {
      closing.abort();
      await closeServer(server, connections);
      stopControllers();
      await store.close();
    },
  };
}

/** No vowels and no look-alikes: names that read as nothing. */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

const suffix = (): string =>
  Array.from({ length: 5 }, () => suffixAlphabet[randomInt(suffixAlphabet.length)] ?? '').join('');
