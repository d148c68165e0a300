import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { Readable } from 'node:stream';
import {
  BlobError,
  cut,
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

export interface S3StoreOptions {
  /** AWS's own when absent. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  /** Buckets by the names that guests have for them. */
  readonly aliases: Readonly<Record<string, string>>;
  /** How long one request may take to be answered. */
  readonly timeoutMs: number;
}

/** The least that S3 takes for a part of an object. Two are in memory: one that is sent, one that is filled. */
const PART_BYTES = 5 * 2 ** 20;
/** The most that S3 deletes at once. */
const MAX_DELETED = 1_000;

/** Objects in a store that speaks the S3 protocol: a container is a bucket. */
export class S3BlobStore implements BlobStore {
  readonly #client: S3Client;
  readonly #options: S3StoreOptions;

  constructor(options: S3StoreOptions) {
    const { endpoint, region, accessKeyId, secretAccessKey, sessionToken, timeoutMs } = options;
    this.#options = options;
    this.#client = new S3Client({
      region,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      ...(endpoint !== undefined && { endpoint }),
      // Buckets as parts of host names need a DNS that knows them all; stores of other makers mostly have none.
      forcePathStyle: true,
      // Many stores do not know the newer checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: timeoutMs, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
      maxAttempts: 3,
    });
  }

  async hasContainer(name: string, abortSignal: AbortSignal): Promise<boolean> {
    const Bucket = this.#bucket(name);
    const found = await maybe(this.#client.send(new HeadBucketCommand({ Bucket }), { abortSignal }));
    return found !== undefined;
  }

  async createContainer(name: string, abortSignal: AbortSignal): Promise<void> {
    if (await this.hasContainer(name, abortSignal)) return;
    await told(this.#client.send(new CreateBucketCommand({ Bucket: this.#bucket(name) }), { abortSignal }));
  }

  async deleteContainer(name: string, abortSignal: AbortSignal): Promise<void> {
    if (!(await this.hasContainer(name, abortSignal))) return;
    await this.clearContainer(name, abortSignal);
    await told(this.#client.send(new DeleteBucketCommand({ Bucket: this.#bucket(name) }), { abortSignal }));
  }

  async clearContainer(name: string, abortSignal: AbortSignal): Promise<void> {
    for await (const names of await this.list(name, abortSignal)) await this.deleteObjects(name, names, abortSignal);
  }

  async containerInfo(name: string, abortSignal: AbortSignal): Promise<ContainerInfo> {
    await this.#need(name, abortSignal);
    const { Buckets = [] } = await told(this.#client.send(new ListBucketsCommand(), { abortSignal }));
    return { createdAt: secondsOf(Buckets.find((one) => one.Name === this.#bucket(name))?.CreationDate) };
  }

  async list(container: string, abortSignal: AbortSignal): Promise<AsyncIterable<readonly string[]>> {
    await this.#need(container, abortSignal);
    return this.#pages(this.#bucket(container), abortSignal);
  }

  async hasObject(id: BlobId, abortSignal: AbortSignal): Promise<boolean> {
    if ((await this.#head(id, abortSignal)) !== undefined) return true;
    await this.#need(id.container, abortSignal);
    return false;
  }

  async objectInfo(id: BlobId, abortSignal: AbortSignal): Promise<BlobInfo> {
    const found = await this.#head(id, abortSignal);
    if (found !== undefined) return found;
    await this.#need(id.container, abortSignal);
    throw noObject(id);
  }

  async read(id: BlobId, range: ByteRange, abortSignal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const { size } = await this.objectInfo(id, abortSignal);
    const { from, to } = within(range, Number(size));
    // A range of nothing cannot be asked for.
    if (to <= from) return Readable.from([]);
    const Range = `bytes=${from}-${to - 1}`;
    const found = await maybe(this.#client.send(new GetObjectCommand({ ...this.#at(id), Range }), { abortSignal }));
    if (found === undefined) throw noObject(id);
    if (!(found.Body instanceof Readable)) throw new TypeError('the answer of the store has no body');
    // Not every store keeps to the range, or knows any.
    const skipped = found.ContentRange === undefined ? from : 0;
    return cut(found.Body, { from: skipped, to: skipped + to - from });
  }

  async write(id: BlobId, data: AsyncIterable<Uint8Array>, abortSignal: AbortSignal): Promise<void> {
    const upload = new Upload({
      client: this.#client,
      params: { ...this.#at(id), Body: Readable.from(data, { objectMode: false }) },
      partSize: PART_BYTES,
      queueSize: 1,
    });
    const abort = (): void => void upload.abort();
    abortSignal.addEventListener('abort', abort, { once: true });
    try {
      await told(upload.done(), id.container);
    } finally {
      abortSignal.removeEventListener('abort', abort);
    }
  }

  async deleteObjects(container: string, objects: readonly string[], abortSignal: AbortSignal): Promise<void> {
    const Bucket = this.#bucket(container);
    for (let at = 0; at < objects.length; at += MAX_DELETED) {
      const Objects = objects.slice(at, at + MAX_DELETED).map((Key) => ({ Key }));
      const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } });
      const { Errors = [] } = await told(this.#client.send(command, { abortSignal }), container);
      const [failed] = Errors;
      if (failed !== undefined) throw new BlobError(`${failed.Key} was not deleted: ${failed.Message}`);
    }
  }

  async copyObject(from: BlobId, to: BlobId, abortSignal: AbortSignal): Promise<void> {
    await this.objectInfo(from, abortSignal);
    const CopySource = `${this.#bucket(from.container)}/${from.object.split('/').map(encodeURIComponent).join('/')}`;
    const command = new CopyObjectCommand({ ...this.#at(to), CopySource });
    await told(this.#client.send(command, { abortSignal }), to.container);
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  async *#pages(Bucket: string, abortSignal: AbortSignal): AsyncGenerator<readonly string[]> {
    let ContinuationToken: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket,
        ...(ContinuationToken !== undefined && { ContinuationToken }),
      });
      const { Contents = [], NextContinuationToken } = await told(this.#client.send(command, { abortSignal }));
      yield Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
      ContinuationToken = NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  async #head(id: BlobId, abortSignal: AbortSignal): Promise<BlobInfo | undefined> {
    const found = await maybe(this.#client.send(new HeadObjectCommand(this.#at(id)), { abortSignal }));
    return found && { createdAt: secondsOf(found.LastModified), size: BigInt(found.ContentLength ?? 0) };
  }

  async #need(container: string, abortSignal: AbortSignal): Promise<void> {
    if (!(await this.hasContainer(container, abortSignal))) throw noContainer(container);
  }

  #bucket(container: string): string {
    return this.#options.aliases[container] ?? container;
  }

  #at({ container, object }: BlobId): { Bucket: string; Key: string } {
    if (object === '') throw new BlobError('an object needs a name');
    return { Bucket: this.#bucket(container), Key: object };
  }
}

/** What the store refuses is an error that the guest can handle. */
async function told<T>(answer: Promise<T>, container?: string): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof S3ServiceException)) throw cause;
    if (cause.name === 'NoSuchBucket' && container !== undefined) throw noContainer(container);
    throw new BlobError(`the store answered ${cause.name}: ${cause.message}`, { cause });
  }
}

/** Undefined for what is not there. */
async function maybe<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof S3ServiceException && cause.$metadata.httpStatusCode === 404) return undefined;
    return told(Promise.reject(cause));
  }
}
