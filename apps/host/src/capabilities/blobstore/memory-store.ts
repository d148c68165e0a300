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

/** The most bytes of objects that one provider keeps in the memory of its host. */
const MAX_BYTES = 64 * 2 ** 20;

interface Blob {
  readonly chunks: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly createdAt: bigint;
}

interface Container {
  readonly createdAt: bigint;
  readonly objects: Map<string, Blob>;
}

/** Objects in the memory of this host, gone with it: for development. */
export class MemoryBlobStore implements BlobStore {
  readonly #containers = new Map<string, Container>();
  readonly #now: () => Date;
  /** What is kept, and what is being written. */
  #bytes = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  async hasContainer(name: string): Promise<boolean> {
    return this.#containers.has(name);
  }

  async createContainer(name: string): Promise<void> {
    if (this.#containers.has(name)) return;
    this.#containers.set(name, { createdAt: secondsOf(this.#now()), objects: new Map() });
  }

  async deleteContainer(name: string): Promise<void> {
    if (!this.#containers.has(name)) return;
    await this.clearContainer(name);
    this.#containers.delete(name);
  }

  async clearContainer(name: string): Promise<void> {
    await this.deleteObjects(name, [...this.#container(name).objects.keys()]);
  }

  async containerInfo(name: string): Promise<ContainerInfo> {
    return { createdAt: this.#container(name).createdAt };
  }

  async list(container: string): Promise<AsyncIterable<readonly string[]>> {
    return inPages([...this.#container(container).objects.keys()].toSorted());
  }

  async hasObject({ container, object }: BlobId): Promise<boolean> {
    return this.#container(container).objects.has(object);
  }

  async objectInfo(id: BlobId): Promise<BlobInfo> {
    const { createdAt, sizeBytes } = this.#object(id);
    return { createdAt, size: BigInt(sizeBytes) };
  }

  async read(id: BlobId, range: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const { chunks, sizeBytes } = this.#object(id);
    return cut(ReadableStream.from(chunks), within(range, sizeBytes));
  }

  async write({ container, object }: BlobId, data: AsyncIterable<Uint8Array>): Promise<void> {
    this.#container(container);
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    try {
      for await (const chunk of data) {
        if (this.#bytes + chunk.length > MAX_BYTES)
          throw new BlobError(`more than ${MAX_BYTES} bytes do not fit in memory`);
        this.#bytes += chunk.length;
        sizeBytes += chunk.length;
        chunks.push(chunk);
      }
      // It may have gone meanwhile.
      const { objects } = this.#container(container);
      const before = objects.get(object)?.sizeBytes ?? 0;
      objects.set(object, { chunks, sizeBytes, createdAt: secondsOf(this.#now()) });
      this.#bytes -= before;
    } catch (error) {
      this.#bytes -= sizeBytes;
      throw error;
    }
  }

  async deleteObjects(container: string, names: readonly string[]): Promise<void> {
    const { objects } = this.#container(container);
    for (const name of names) {
      this.#bytes -= objects.get(name)?.sizeBytes ?? 0;
      objects.delete(name);
    }
  }

  async copyObject(from: BlobId, to: BlobId): Promise<void> {
    const { chunks } = this.#object(from);
    await this.write(to, ReadableStream.from(chunks));
  }

  async close(): Promise<void> {
    this.#containers.clear();
    this.#bytes = 0;
  }

  #container(name: string): Container {
    const found = this.#containers.get(name);
    if (found === undefined) throw noContainer(name);
    return found;
  }

  #object(id: BlobId): Blob {
    const found = this.#container(id.container).objects.get(id.object);
    if (found === undefined) throw noObject(id);
    return found;
  }
}
