import {
  annotations,
  builtin,
  conditionTypes,
  fieldManagers,
  GitSource,
  setCondition,
  type ConditionUpdate,
  type GitSourceObject,
  type GitSourceStatus,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { GitError, GitMirror, type GitAuth, type GitRef } from '@kasmcloud/git';
import type { KubeClient } from '@kasmcloud/kube';
import { durationMs } from '@kasmcloud/observe';
import { sameJson } from '../same-json.ts';
import { applyCommit, ApplyRefusedError, type Applied } from './apply.ts';
import { checkFiles, type JudgeApplication } from './check.ts';

export interface GitSyncOptions {
  readonly hub: KubeClient;
  readonly cacheDirectory: string;
  readonly allowFile: boolean;
  readonly judge: JudgeApplication;
  /** RFC 3339. */
  readonly now: () => string;
}

/** What one sync came to; told in the status, and as an event when it changed. */
export interface SyncOutcome {
  readonly nextMs: number;
  readonly ready: ConditionUpdate;
  readonly changed: boolean;
}

type Secret = KubeObject & { readonly data?: Record<string, string> };
type Result = { ready: ConditionUpdate; attempted?: string; applied?: Applied };

/** The credentials that a GitSource names are not there. */
class SecretMissingError extends Error {
  override readonly name = 'SecretMissingError';
}

const DEFAULT_INTERVAL = '60s';
const DEFAULT_TIMEOUT = '60s';

/** Follows git repositories: fetch, check as a whole, try, apply, prune, tell. */
export class GitSync {
  readonly #options: GitSyncOptions;
  /** One bare mirror per (namespace, URL), made when first asked for. */
  readonly #mirrors = new Map<string, GitMirror>();

  constructor(options: GitSyncOptions) {
    this.#options = options;
  }

  /** Makes the hub what the repository says now, or tells why not; what ran before keeps running then. */
  async sync(source: GitSourceObject, signal: AbortSignal): Promise<SyncOutcome> {
    const nextMs = Math.max(1_000, durationMs(source.spec.interval ?? DEFAULT_INTERVAL));
    const asked = requestedAt(source);
    const result = source.spec.suspend === true ? suspended : await this.#attempt(source, signal);
    const status = statusOf(source, result, asked, this.#options.now());
    const changed = !sameJson(status, source.status ?? {});
    if (changed) {
      const { name, namespace = '' } = source.metadata;
      const call = { subresource: 'status', fieldManager: fieldManagers.scheduler, force: true, signal } as const;
      await this.#options.hub.apply(GitSource, { metadata: { name, namespace }, status }, call);
    }
    return { nextMs, ready: result.ready, changed };
  }

  async #attempt(source: GitSourceObject, signal: AbortSignal): Promise<Result> {
    let revision: string | undefined;
    try {
      const { commit, files, label } = await this.#read(source, signal);
      revision = `${label}@sha1:${commit}`;
      const { name, namespace = '' } = source.metadata;
      const checked = checkFiles(files, { source: name, namespace, url: source.spec.url }, this.#options.judge);
      if (checked.kind === 'refused')
        return { attempted: revision, ready: notReady('BuildFailed', checked.problems.join('\n')) };
      const applied = await applyCommit(this.#options.hub, source, checked.wanted, signal);
      const message = `${applied.applied} objects of ${revision} are applied`;
      return {
        attempted: revision,
        applied,
        ready: { type: conditionTypes.ready, status: 'True', reason: 'Applied', message },
      };
    } catch (error) {
      const attempted = revision === undefined ? {} : { attempted: revision };
      if (error instanceof GitError) return { ...attempted, ready: notReady('FetchFailed', error.message) };
      if (error instanceof SecretMissingError) return { ready: notReady('SecretMissing', error.message) };
      if (error instanceof ApplyRefusedError) return { ...attempted, ready: notReady('ApplyRefused', error.message) };
      throw error;
    }
  }

  async #read(
    { metadata, spec }: GitSourceObject,
    signal: AbortSignal,
  ): Promise<{ commit: string; label: string; files: { path: string; content: Uint8Array }[] }> {
    const { namespace = '' } = metadata;
    const ref: GitRef = spec.ref ?? { branch: 'main' };
    const auth = await this.#auth(namespace, spec.secretRef?.name, signal);
    const timeoutMs = durationMs(spec.timeout ?? DEFAULT_TIMEOUT);
    const mirror = this.#mirror(namespace, spec.url);
    const { commit } = await mirror.fetch({ ref, auth, timeoutMs, signal });
    const files = await mirror.readTree(commit, spec.paths === undefined ? {} : { paths: spec.paths }, {
      timeoutMs,
      signal,
    });
    return { commit, files, label: ref.commit === undefined ? (ref.tag ?? ref.branch ?? 'main') : 'commit' };
  }

  #mirror(namespace: string, url: string): GitMirror {
    const key = `${namespace} ${url}`;
    const { cacheDirectory, allowFile } = this.#options;
    const mirror = this.#mirrors.get(key) ?? new GitMirror({ url, cacheDirectory, scope: namespace, allowFile });
    this.#mirrors.set(key, mirror);
    return mirror;
  }

  async #auth(namespace: string, name: string | undefined, signal: AbortSignal): Promise<GitAuth | undefined> {
    if (name === undefined) return undefined;
    const secret = await this.#options.hub.find<Secret>(builtin.Secret, name, namespace, { signal });
    if (secret === undefined)
      throw new SecretMissingError(`spec.secretRef: Secret ${namespace}/${name} does not exist`);
    const read = (key: string): string | undefined => {
      const value = secret.data?.[key];
      return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
    };
    const token = read('bearerToken');
    if (token !== undefined) return { kind: 'bearer', token };
    const [identity, knownHosts] = [read('identity'), read('known_hosts')];
    if (identity !== undefined && knownHosts !== undefined) return { kind: 'ssh', identity, knownHosts };
    return { kind: 'basic', username: read('username') ?? '', password: read('password') ?? '' };
  }
}

const suspended: Result = {
  ready: { type: conditionTypes.ready, status: 'Unknown', reason: 'Suspended', message: 'spec.suspend is true' },
};

const notReady = (reason: string, message: string): ConditionUpdate => ({
  type: conditionTypes.ready,
  status: 'False',
  reason,
  message,
});

/** What asks for a sync now: any new value of these annotations. */
export const requestedAt = ({ metadata }: GitSourceObject): string | undefined =>
  metadata.annotations?.[annotations.syncRequestedAt] ?? metadata.annotations?.[annotations.fluxRequestedAt];

function statusOf(source: GitSourceObject, result: Result, asked: string | undefined, now: string): GitSourceStatus {
  const { generation } = source.metadata;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const stalled: ConditionUpdate = {
    type: conditionTypes.stalled,
    status: result.ready.reason === 'BuildFailed' || result.ready.reason === 'ApplyRefused' ? 'True' : 'False',
    reason: result.ready.reason,
    message: result.ready.status === 'False' ? 'waiting for another commit' : '',
  };
  return {
    ...source.status,
    ...observed,
    ...(result.attempted !== undefined && { lastAttemptedRevision: result.attempted }),
    ...(result.applied !== undefined &&
      result.attempted !== undefined && {
        lastAppliedRevision: result.attempted,
        inventory: [...result.applied.inventory],
      }),
    ...(asked !== undefined && { lastHandledSyncAt: asked }),
    conditions: setCondition(
      setCondition(source.status?.conditions, { ...result.ready, ...observed }, now),
      { ...stalled, ...observed },
      now,
    ),
  };
}
