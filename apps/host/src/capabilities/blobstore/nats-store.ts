import { ObjectStores, type LatticeConnection, type ObjectBucket, type ObjectInfo } from '@kasmcloud/lattice';
import {
  BlobError,
  cut,
  inPages,
  noContainer,
  noObject,
  secondsOf,
  within,
  type BlobId,
  type BlobInfo,
  type BlobStore,
  type ByteRange,
  type ContainerInfo,
} from './store.ts';

export interface NatsBlobStoreOptions {
  readonly connection: LatticeConnection;
  /** JetStream domain, where servers are joined by leaf nodes. */
  readonly domain: string | undefined;
  readonly timeoutMs: number;
}

/** Objects in JetStream object buckets: a container is a bucket. */
export class NatsBlobStore implements BlobStore {
  readonly #stores: ObjectStores;

  constructor({ connection, domain, timeoutMs }: NatsBlobStoreOptions) {
    this.#stores = new ObjectStores(connection, { domain, timeoutMs });
  }

  async hasContainer(name: string, signal: AbortSignal): Promise<boolean> {
    return isBucket(name) && (await this.#stores.open(name, signal)) !== undefined;
  }

  async createContainer(name: string, signal: AbortSignal): Promise<void> {
    if (!isBucket(name)) throw new BlobError(`NATS takes letters, digits, - and _ in the name of a container: ${name}`);
    await this.#stores.create(name, signal);
  }

  async deleteContainer(name: string, signal: AbortSignal): Promise<void> {
    if (isBucket(name)) await this.#stores.delete(name, signal);
  }

  async clearContainer(name: string, signal: AbortSignal): Promise<void> {
    const bucket = await this.#bucket(name, signal);
    for (const object of await bucket.list(signal)) await bucket.delete(object.name, signal);
  }

  async containerInfo(name: string, signal: AbortSignal): Promise<ContainerInfo> {
    return { createdAt: secondsOf((await this.#bucket(name, signal)).createdAt) };
  }

  async list(container: string, signal: AbortSignal): Promise<AsyncIterable<readonly string[]>> {
    return inPages((await (await this.#bucket(container, signal)).list(signal)).map(({ name }) => name));
  }

  async hasObject({ container, object }: BlobId, signal: AbortSignal): Promise<boolean> {
    return (await (await this.#bucket(container, signal)).info(checked(object), signal)) !== undefined;
  }

  async objectInfo(id: BlobId, signal: AbortSignal): Promise<BlobInfo> {
    const { modifiedAt, sizeBytes } = await infoOf(await this.#bucket(id.container, signal), id, signal);
    return { createdAt: secondsOf(modifiedAt), size: BigInt(sizeBytes) };
  }

  async read(id: BlobId, range: ByteRange, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const bucket = await this.#bucket(id.container, signal);
    const { sizeBytes } = await infoOf(bucket, id, signal);
    const data = await bucket.read(id.object, signal);
    if (data === undefined) throw noObject(id);
    return cut(data, within(range, sizeBytes));
  }

  async write({ container, object }: BlobId, data: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    await (await this.#bucket(container, signal)).write(checked(object), data, signal);
  }

  async deleteObjects(container: string, objects: readonly string[], signal: AbortSignal): Promise<void> {
    const bucket = await this.#bucket(container, signal);
    for (const object of objects) await bucket.delete(checked(object), signal);
  }

  async copyObject(from: BlobId, to: BlobId, signal: AbortSignal): Promise<void> {
    const data = await (await this.#bucket(from.container, signal)).read(checked(from.object), signal);
    if (data === undefined) throw noObject(from);
    await this.write(to, data, signal);
  }

  async close(): Promise<void> {}

  async #bucket(name: string, signal: AbortSignal): Promise<ObjectBucket> {
    const bucket = isBucket(name) ? await this.#stores.open(name, signal) : undefined;
    if (bucket === undefined) throw noContainer(name);
    return bucket;
  }
}

const isBucket = (name: string): boolean => /^[A-Za-z0-9_-]{1,255}$/.test(name);

const checked = (object: string): string => {
  if (object === '') throw new BlobError('an object needs a name');
  return object;
};

async function infoOf(bucket: ObjectBucket, id: BlobId, signal: AbortSignal): Promise<ObjectInfo> {
  const info = await bucket.info(checked(id.object), signal);
  if (info === undefined) throw noObject(id);
  return info;
}
