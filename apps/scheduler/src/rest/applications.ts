import {
  annotations,
  Application as ApplicationKind,
  fieldManagers,
  keyOf,
  type ApplicationObject,
  type GitSourceObject,
} from '@kasmcloud/kube-api';
import { latestVersion } from '@kasmcloud/oam';
import { RefusedError } from '../access/refused-error.ts';
import { readManifest, type Manifest } from '../applications/manifest.ts';
import { ownerOf } from '../applications/ownership.ts';
import { statusOf } from '../applications/progress.ts';
import { deployedVersion, manifestOf, type StoredApplication } from '../applications/stored-application.ts';
import type { ApplicationVersions, Refusal, Which, Writer } from '../applications/versions.ts';
import type { Hub } from '../plan/hub.ts';
import type { Call } from './admission.ts';
import { invalidManifest } from './manifest-body.ts';
import type { ApplicationReply, ApplicationSummary, DeleteReply, PutReply } from './shapes.ts';

export interface ApplicationsOptions {
  readonly hub: Pick<Hub, 'applications'>;
  readonly versions: ApplicationVersions;
  readonly sourceOf: (key: string) => GitSourceObject | undefined;
}

/** Applications and their versions: what the REST API does with them. */
export class Applications {
  readonly #options: ApplicationsOptions;

  constructor(options: ApplicationsOptions) {
    this.#options = options;
  }

  list(namespace: string | undefined): { items: ApplicationSummary[] } {
    const found = this.#options.hub.applications
      .list()
      .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
    return { items: found.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).map((one) => summary(one)) };
  }

  async get(call: Call, which: Which, requested: string | undefined): Promise<ApplicationReply> {
    const stored = await this.#find(call, which);
    const { object, versions } = stored;
    const version = requested ?? versions.deployed ?? latestVersion(versions);
    const manifest = version === undefined ? undefined : manifestOf(stored, version);
    if (requested !== undefined && manifest === undefined) throw refusalError(which, noSuchVersion(requested));
    const owner = ownerOf(object, this.#options.sourceOf);
    const { scalers, conditions } = object.status ?? {};
    return {
      ...summary(object, manifest),
      ...(owner !== undefined && { owner: owner.message }),
      versions: entries(stored),
      ...(version !== undefined && { version }),
      ...(manifest !== undefined && { manifest: { ...manifest } }),
      ...(scalers !== undefined && { scalers }),
      ...(conditions !== undefined && { conditions }),
    };
  }

  async versions(call: Call, which: Which): Promise<{ items: ApplicationReply['versions'] }> {
    return { items: entries(await this.#find(call, which)) };
  }

  /** Stores a version, and deploys it unless told otherwise. */
  async put(
    call: Call,
    which: Which,
    body: Uint8Array,
    options: { deploy: boolean; force: boolean },
  ): Promise<PutReply> {
    const read = readManifest(body, which);
    if (read.kind === 'refused') throw invalidManifest(read.problems.filter(({ severity }) => severity === 'Error'));
    const writer = writerOf(call, options.force);
    const put = await this.#options.versions.put(writer, which.namespace, read.manifest, call.signal);
    if (put.kind !== 'put') throw refusalError(which, put);
    const { version, previous, changed, versions } = put;
    if (options.deploy) await this.deploy(call, which, version, options.force);
    return {
      result: changed ? (previous === undefined ? 'created' : 'newversion') : 'unchanged',
      version,
      deployed: options.deploy || versions.deployed === version,
      versions: versions.order.length,
      warnings: read.warnings.map(({ field, message }) => ({ field, message })),
    };
  }

  async deploy(call: Call, which: Which, version: string | undefined, force: boolean): Promise<{ version: string }> {
    const answer = await this.#options.versions.deploy(writerOf(call, force), which, version, call.signal);
    if (answer.kind !== 'deployed') throw refusalError(which, answer);
    return { version: answer.version };
  }

  async undeploy(call: Call, which: Which, force: boolean): Promise<{ version?: string }> {
    const answer = await this.#options.versions.undeploy(writerOf(call, force), which, call.signal);
    if (answer.kind !== 'undeployed') throw refusalError(which, answer);
    return answer.was === undefined ? {} : { version: answer.was };
  }

  async remove(call: Call, which: Which, version: string | undefined, force: boolean): Promise<DeleteReply> {
    const answer = await this.#options.versions.remove(writerOf(call, force), which, version, call.signal);
    if (answer.kind !== 'removed') throw refusalError(which, answer);
    return { undeployed: answer.undeployed, last: answer.last };
  }

  async #find({ signal }: Call, which: Which): Promise<StoredApplication> {
    const stored = await this.#options.versions.find(which, signal);
    if (stored === undefined) throw refusalError(which, { kind: 'notFound' });
    return stored;
  }
}

const writerOf = ({ caller }: Call, force: boolean): Writer => ({
  hub: caller.hub,
  fieldManager: fieldManagers.rest,
  force,
});

const entries = ({ versions }: StoredApplication): ApplicationReply['versions'] =>
  versions.order.map((version) => ({ version, deployed: version === versions.deployed }));

function summary(object: ApplicationObject, manifest?: Manifest): ApplicationSummary {
  const { metadata, status } = object;
  const description = (manifest?.metadata ?? metadata).annotations?.[annotations.description];
  const version = deployedVersion(object);
  const told = statusOf(object).status;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ...(description !== undefined && { description }),
    ...(version !== undefined && { deployedVersion: version }),
    status: told.type,
    ...(told.message !== undefined && { message: told.message }),
    replicas: status?.replicas ?? 0,
    readyReplicas: status?.readyReplicas ?? 0,
  };
}

const noSuchVersion = (version: string): Refusal => ({ kind: 'noSuchVersion', version });

function refusalError({ namespace, name }: Which, refusal: Refusal): RefusedError {
  const what = `${ApplicationKind.kind} ${name}`;
  switch (refusal.kind) {
    case 'notFound':
      return new RefusedError('notFound', `there is no ${what} in namespace ${namespace}`);
    case 'noSuchVersion':
      return new RefusedError('notFound', `${what} has no version ${refusal.version}`);
    case 'versionTaken': {
      const { version } = refusal;
      const message = `${what} has another manifest as version ${version} already: give this one a version of its own`;
      const field = `metadata.annotations.${annotations.version}`;
      return new RefusedError('conflict', message, { details: [{ field, message: `${version} is taken` }] });
    }
    case 'owned':
      return new RefusedError('conflict', refusal.message);
    case 'idTaken': {
      const { id, owner } = refusal;
      return new RefusedError('conflict', `the id ${id} is used by ${owner} in this lattice: choose another`);
    }
    case 'sharesMissing': {
      const names = refusal.components.join(', ');
      return new RefusedError('conflict', `no deployed Application shares what these components need: ${names}`);
    }
  }
}
