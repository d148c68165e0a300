import { invoke, NoRespondersError, type Headers, type LatticeConnection } from '@kasmcloud/lattice';
import {
  plainType,
  streamingType,
  wireInstance,
  type PlainFunction,
  type StreamEnd,
  type StreamingFunction,
  type WireVersion,
} from './wire.ts';
import { BlobError, type BlobId, type BlobInfo, type BlobStore, type ByteRange, type ContainerInfo } from './store.ts';

export interface LatticeBlobStoreOptions {
  readonly connection: LatticeConnection;
  readonly lattice: string;
  /** Id of the provider. */
  readonly target: string;
  /** Who asks, and by which link. */
  readonly headers: Headers;
  readonly timeoutMs: number;
}

type Result = { readonly tag: 'ok'; readonly val: unknown } | { readonly tag: 'err'; readonly val: string };

/** A store that another host, or a provider of wasmCloud 1.x, serves over wRPC. */
export class LatticeBlobStore implements BlobStore {
  readonly #options: LatticeBlobStoreOptions;

  constructor(options: LatticeBlobStoreOptions) {
    this.#options = options;
  }

  async hasContainer(name: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#plain('container-exists', [name], signal)) === true;
  }

  async createContainer(name: string, signal: AbortSignal): Promise<void> {
    await this.#plain('create-container', [name], signal);
  }

  async deleteContainer(name: string, signal: AbortSignal): Promise<void> {
    await this.#plain('delete-container', [name], signal);
  }

  async clearContainer(name: string, signal: AbortSignal): Promise<void> {
    await this.#plain('clear-container', [name], signal);
  }

  async containerInfo(name: string, signal: AbortSignal): Promise<ContainerInfo> {
    return (await this.#plain('get-container-info', [name], signal)) as ContainerInfo;
  }

  async hasObject(id: BlobId, signal: AbortSignal): Promise<boolean> {
    return (await this.#plain('has-object', [id], signal)) === true;
  }

  async objectInfo(id: BlobId, signal: AbortSignal): Promise<BlobInfo> {
    return (await this.#plain('get-object-info', [id], signal)) as BlobInfo;
  }

  async deleteObjects(container: string, objects: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#plain('delete-objects', [container, objects], signal);
  }

  async copyObject(from: BlobId, to: BlobId, signal: AbortSignal): Promise<void> {
    await this.#plain('copy-object', [from, to], signal);
  }

  async list(container: string, signal: AbortSignal): Promise<AsyncIterable<readonly string[]>> {
    const args = [container, undefined, undefined];
    return this.#stream<readonly string[]>('list-container-objects', args, signal);
  }

  async read(id: BlobId, { start, end }: ByteRange, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return this.#stream<Uint8Array>('get-container-data', [id, start, end], signal);
  }

  async write(id: BlobId, data: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const { version, val } = await this.#either('write-container-data', [id, data], signal);
    if (version === '0.2.0') throwEnd(await (val as Promise<StreamEnd>));
  }

  async close(): Promise<void> {}

  async #stream<T>(func: StreamingFunction, args: readonly unknown[], signal: AbortSignal): Promise<AsyncIterable<T>> {
    const { version, val } = await this.#either(func, args, signal);
    if (version === '0.1.0') return val as AsyncIterable<T>;
    const [data, end] = val as [AsyncIterable<T>, Promise<StreamEnd>];
    return checked(data, end);
  }

  #plain(func: PlainFunction, args: readonly unknown[], signal: AbortSignal): Promise<unknown> {
    const type = plainType(func);
    return this.#newestFirst(async (version) => valueOf(await this.#invoke(version, func, type, args, signal)));
  }

  async #either(
    func: StreamingFunction,
    args: readonly unknown[],
    signal: AbortSignal,
  ): Promise<{ readonly version: WireVersion; readonly val: unknown }> {
    return this.#newestFirst(async (version) => {
      const val = valueOf(await this.#invoke(version, func, streamingType(version, func), args, signal));
      return { version, val };
    });
  }

  /** Nobody heard what got no answer, so it can be asked again as older providers know it. */
  async #newestFirst<T>(ask: (version: WireVersion) => Promise<T>): Promise<T> {
    try {
      return await ask('0.2.0');
    } catch (error) {
      if (!(error instanceof NoRespondersError)) throw error;
      return ask('0.1.0');
    }
  }

  async #invoke(
    version: WireVersion,
    func: string,
    type: Parameters<typeof invoke>[2],
    args: readonly unknown[],
    signal: AbortSignal,
  ): Promise<Result> {
    const { connection, lattice, target, headers, timeoutMs } = this.#options;
    const address = { lattice, target, instance: wireInstance(version), func };
    return (await invoke(connection, address, type, args, { timeoutMs, signal, headers })) as Result;
  }
}

const valueOf = ({ tag, val }: Result): unknown => {
  if (tag === 'err') throw new BlobError(val);
  return val;
};

const throwEnd = (end: StreamEnd): void => {
  if (end.tag === 'err') throw new BlobError(end.val);
};

async function* checked<T>(data: AsyncIterable<T>, end: Promise<StreamEnd>): AsyncGenerator<T> {
  yield* data;
  throwEnd(await end);
}
