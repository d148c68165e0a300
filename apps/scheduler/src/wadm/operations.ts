import {
  annotations,
  apiVersionOf,
  Application as ApplicationKind,
  fieldManagers,
  latticeUser,
} from '@kasmcloud/kube-api';
import { KubeError, UnreachableError, type KubeClient } from '@kasmcloud/kube';
import { latestVersion, modelSummary, resolveVersion, type Problem } from '@kasmcloud/oam';
import type { Logger } from '@kasmcloud/observe';
import {
  decodeVersionRequest,
  parseWadmSubject,
  WireError,
  type WadmFailure,
  type WadmModelSummary,
  type WadmReplies,
  type WadmReply,
} from '@kasmcloud/wire';
import { rightText, type Reviews, type Verb } from '../access/reviews.ts';
import { problemText, readManifest, withVersion, type ManifestRead } from '../applications/manifest.ts';
import { unmetShares } from '../applications/peers.ts';
import { manifestOf, type StoredApplication } from '../applications/stored-application.ts';
import type { ApplicationVersions, Refusal, Writer } from '../applications/versions.ts';
import type { Lattices } from './lattices.ts';
import { errorReply, readOperation, type Operation } from './operation.ts';
import { statusOf, unknownStatus } from '../applications/progress.ts';

export interface WadmRequest {
  readonly subject: string;
  readonly data: Uint8Array;
  /** The header of that name. */
  readonly contentType: string | undefined;
}

export interface OperationsOptions {
  readonly hub: KubeClient;
  readonly reviews: Reviews;
  readonly lattices: Lattices;
  readonly versions: ApplicationVersions;
  readonly log: Logger;
}

/** A request that is answered with an error of these words. */
class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

/** Whom a request concerns, by its subject. */
interface Whose {
  readonly lattice: string;
  readonly account?: string;
}

/** One request that has come through: an operation in a lattice. */
interface Asked {
  readonly lattice: string;
  readonly writer: Writer;
  readonly request: WadmRequest;
  readonly signal: AbortSignal;
}

const verbs: Record<Operation['kind'], Verb> = {
  list: 'list',
  get: 'get',
  versions: 'get',
  status: 'get',
  history: 'get',
  put: 'update',
  deploy: 'update',
  undeploy: 'update',
  del: 'delete',
};

const isWrite = ({ kind }: Operation): boolean => verbs[kind] === 'update' || verbs[kind] === 'delete';

/**
 * wadm's operations over the Applications of a lattice, in wadm's shapes and words. Where wadm is wrong, this is not: an
 * equal manifest may be put again, deleting a version that is not there ends nothing, and all problems are told at once.
 */
export class WadmOperations {
  readonly #options: OperationsOptions;

  constructor(options: OperationsOptions) {
    this.#options = options;
  }

  /** Total: whatever arrives, there is an answer. */
  async answer(request: WadmRequest, signal: AbortSignal): Promise<WadmReply> {
    const parsed = parseWadmSubject(request.subject);
    if (parsed.kind === 'invalid') return errorReply(undefined, `Invalid subject: ${parsed.reason}`);
    const operation = readOperation(parsed.operation, parsed.name);
    if (operation === undefined) return errorReply(undefined, `Unsupported subject: ${request.subject}`);
    const { lattice } = parsed;
    const reply = await this.#perform(operation, parsed, request, signal);
    if (isWrite(operation)) this.#audit(operation, lattice, reply);
    return reply;
  }

  async #perform(operation: Operation, whose: Whose, request: WadmRequest, signal: AbortSignal): Promise<WadmReply> {
    const { lattice } = whose;
    try {
      const writer = await this.#admit(whose, operation, signal);
      return await this.#do(operation, { lattice, writer, request, signal });
    } catch (error) {
      return errorReply(operation, this.#wordsFor(error, request.subject));
    }
  }

  /** As the REST API does for its writes. */
  #audit(operation: Operation, lattice: string, reply: WadmReply): void {
    const name = 'name' in operation ? operation.name : 'name' in reply ? reply.name : '';
    const object = `${apiVersionOf(ApplicationKind)}/${ApplicationKind.kind}/${lattice}/${name}`;
    const { user } = latticeUser(lattice);
    const outcome = 'result' in reply ? reply.result : '';
    this.#options.log.info({ audit: true, user, verb: operation.kind, object, outcome }, 'audit');
  }

  async #admit({ lattice, account }: Whose, operation: Operation, signal: AbortSignal): Promise<Writer> {
    const { hub, lattices, reviews } = this.#options;
    const found = await lattices.find(lattice, signal);
    // A lattice of another account is told of no more than one that is not there.
    if (found === undefined || (account !== undefined && found.account !== account))
      throw new AnswerError(`There is no lattice ${lattice}: no namespace of that name is labelled as one.`);
    if (found.mode !== 'Serve')
      throw new AnswerError(
        `The wadm API of lattice ${lattice} is not served here: its namespace says ${annotations.wadmApi}: ${found.mode}.`,
      );
    const user = latticeUser(lattice);
    const name = 'name' in operation ? operation.name : undefined;
    const right = { verb: verbs[operation.kind], kind: ApplicationKind, namespace: lattice, name };
    if (!(await reviews.allows(user, right, signal)))
      throw new AnswerError(`User "${user.user}" cannot ${rightText(right)}.`);
    return { hub: hub.as(user), fieldManager: fieldManagers.wadm, force: false };
  }

  async #do(operation: Operation, asked: Asked): Promise<WadmReply> {
    switch (operation.kind) {
      case 'put':
        return this.#put(asked);
      case 'list':
        return this.#list(operation.form, asked);
      case 'get':
        return this.#get(operation.name, asked);
      case 'versions':
        return this.#versions(operation.name, asked);
      case 'status':
        return this.#status(operation.name, asked);
      case 'deploy':
        return this.#deploy(operation.name, asked);
      case 'undeploy':
        return this.#undeploy(operation.name, asked);
      case 'del':
        return this.#delete(operation.name, asked);
      case 'history':
        throw new AnswerError(
          'Model deployment history is not currently supported. It may be added in a future version',
        );
    }
  }

  async #put({ lattice, writer, request, signal }: Asked): Promise<WadmReplies['put']> {
    const { contentType, data } = request;
    if (contentType !== undefined && contentType !== 'application/json' && contentType !== 'application/yaml')
      throw new AnswerError(
        `Unable to parse manifest: Unsupported content type ${contentType.slice(0, 100)} given. Wadm supports YAML and JSON`,
      );
    const read = readManifest(data, { namespace: lattice });
    if (read.kind === 'refused') return manifestRefusal(read);
    const { manifest, warnings } = read;
    const { name } = manifest.metadata;
    const put = await this.#options.versions.put(writer, lattice, manifest, signal);
    if (put.kind !== 'put') throw new AnswerError(refusalWords(name, put));
    const missing = await unmetShares(this.#options.hub, lattice, manifest, signal);
    const shares = missing.length === 0 ? '' : `, but some shared components are not deployed: ${quoted(missing)}`;
    const count = put.versions.order.length;
    return {
      result: count === 1 ? 'created' : 'newversion',
      total_versions: count,
      current_version: put.version,
      // wadm tells the version before this one.
      message: `Successfully put manifest ${name} ${put.previous ?? ''}${shares}`,
      name,
      ...(warnings.length > 0 && { failures: warnings.map(failureOf) }),
    };
  }

  async #list(form: 'reply' | 'bare', { lattice, signal }: Asked): Promise<WadmReply> {
    const models = (await this.#options.versions.list(lattice, signal)).map(summaryOf);
    if (form === 'bare') return models;
    return { result: 'success', message: 'Successfully fetched list of applications', models };
  }

  async #get(name: string, { lattice, request, signal }: Asked): Promise<WadmReplies['get']> {
    const requested = versionIn('get', request.data);
    const stored = await this.#options.versions.find({ namespace: lattice, name }, signal);
    const version = stored && resolveVersion(stored.versions, requested);
    const manifest = stored && version !== undefined ? manifestOf(stored, version) : undefined;
    if (stored === undefined || (manifest === undefined && requested === undefined))
      return { result: 'notfound', message: `Application with the name ${name} not found` };
    if (manifest === undefined || version === undefined)
      return { result: 'notfound', message: `Application ${name} with version ${requested} doesn't exist` };
    const message = `Successfully fetched application ${name}${requested === undefined ? '' : ` ${requested}`}`;
    return { result: 'success', message, manifest: withVersion(manifest, version) };
  }

  async #versions(name: string, { lattice, signal }: Asked): Promise<WadmReplies['versions']> {
    const stored = await this.#options.versions.find({ namespace: lattice, name }, signal);
    if (stored === undefined)
      return { result: 'notfound', message: `Application with the name ${name} not found`, versions: [] };
    const { order, deployed } = stored.versions;
    return {
      result: 'success',
      message: `Successfully fetched versions for application ${name}`,
      versions: order.map((version) => ({ version, deployed: version === deployed })),
    };
  }

  async #status(name: string, { lattice, signal }: Asked): Promise<WadmReplies['status']> {
    const stored = await this.#options.versions.find({ namespace: lattice, name }, signal);
    const message = `Successfully fetched status for application ${name}`;
    return { result: 'ok', message, status: stored === undefined ? unknownStatus : statusOf(stored.object) };
  }

  async #deploy(name: string, { lattice, writer, request, signal }: Asked): Promise<WadmReplies['deploy']> {
    const requested = versionIn('deploy', request.data);
    const answer = await this.#options.versions.deploy(writer, { namespace: lattice, name }, requested, signal);
    if (answer.kind === 'notFound') return notFound(name, requested);
    if (answer.kind === 'noSuchVersion')
      return { result: 'error', message: refusalWords(name, answer), name, version: answer.version };
    if (answer.kind !== 'deployed') throw new AnswerError(refusalWords(name, answer));
    const { version } = answer;
    return { result: 'acknowledged', message: `Successfully deployed application ${name} ${version}`, name, version };
  }

  async #undeploy(name: string, { lattice, writer, signal }: Asked): Promise<WadmReplies['deploy']> {
    const answer = await this.#options.versions.undeploy(writer, { namespace: lattice, name }, signal);
    if (answer.kind === 'notFound') return notFound(name);
    if (answer.kind !== 'undeployed') throw new AnswerError(refusalWords(name, answer));
    const message =
      answer.was === undefined
        ? `Application ${name} was already undeployed`
        : `Successfully undeployed application ${name}`;
    return { result: 'acknowledged', message, name, version: null };
  }

  async #delete(name: string, { lattice, writer, request, signal }: Asked): Promise<WadmReplies['del']> {
    const version = versionIn('delete', request.data);
    const answer = await this.#options.versions.remove(writer, { namespace: lattice, name }, version, signal);
    switch (answer.kind) {
      case 'notFound':
        return { result: 'noop', message: `Application ${name} doesn't exist or was already deleted`, undeploy: false };
      case 'noSuchVersion':
        return { result: 'noop', message: `Application version ${version} doesn't exist`, undeploy: false };
      case 'removed': {
        const what = version === undefined ? '' : answer.last ? 'last version of ' : `version ${version} of `;
        const undeploy = answer.last || answer.undeployed;
        return { result: 'deleted', message: `Successfully deleted ${what}application ${name}`, undeploy };
      }
      case 'owned':
      case 'versionTaken':
      case 'idTaken':
      case 'sharesMissing':
        throw new AnswerError(refusalWords(name, answer));
    }
  }

  #wordsFor(error: unknown, subject: string): string {
    if (error instanceof AnswerError) return error.message;
    if (error instanceof KubeError && error.status < 500) return error.message;
    const isAway = error instanceof UnreachableError || error instanceof KubeError;
    this.#options.log[isAway ? 'warn' : 'error']({ err: error, subject }, 'wadm request failed');
    return 'Internal storage error';
  }
}

const notFound = (name: string, version?: string): WadmReplies['deploy'] => ({
  result: 'notfound',
  message: `Application with the name ${name} not found`,
  name,
  version: version ?? null,
});

function summaryOf(stored: StoredApplication): WadmModelSummary {
  const { object, versions } = stored;
  const latest = latestVersion(versions);
  const said = latest === undefined ? {} : (manifestOf(stored, latest)?.metadata.annotations ?? {});
  const { status, scalers = [] } = statusOf(object);
  return modelSummary(object.metadata.name, versions, said, status, scalers);
}

/** @throws {AnswerError} in wadm's words */
function versionIn(operation: string, data: Uint8Array): string | undefined {
  try {
    return decodeVersionRequest(data);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new AnswerError(`Unable to parse ${operation} application request: ${error.message}`, { cause: error });
  }
}

const quoted = (names: readonly string[]): string => `[${names.map((name) => JSON.stringify(name)).join(', ')}]`;

/** Everything that is wrong, in one message for those who show only that, and as data. */
function manifestRefusal({ stage, problems }: Extract<ManifestRead, { readonly kind: 'refused' }>): WadmReplies['put'] {
  const words = problems.map((problem) => `[${problem.severity.toLowerCase()}] ${problemText(problem)}`).join('\n');
  return {
    result: 'error',
    total_versions: 0,
    current_version: '',
    message: stage === 'parse' ? `Unable to parse manifest: ${words}` : words,
    name: '',
    failures: problems.map(failureOf),
  };
}

const failureOf = ({ severity, message, field, position }: Problem): WadmFailure => ({
  level: severity,
  msg: message,
  ...(field !== '' && { field }),
  ...position,
});

function refusalWords(name: string, refusal: Refusal): string {
  switch (refusal.kind) {
    case 'notFound':
      return `Application with the name ${name} not found`;
    case 'noSuchVersion':
      return `Application with the name '${name}' does not have a version '${refusal.version}' to deploy`;
    case 'versionTaken':
      return `Manifest version ${refusal.version} already exists`;
    case 'owned':
      return refusal.message;
    case 'idTaken':
      return `Component identifier '${refusal.id}' is already deployed in a different application '${refusal.owner}'.`;
    case 'sharesMissing':
      return `Application contains shared components that are not deployed in other applications: ${quoted(refusal.components)}`;
  }
}
