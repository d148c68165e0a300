import { WitError } from '../../error.ts';
import { BodySender, type BodyReceiver } from '../body.ts';
import type { Guest } from '../guest.ts';
import type { Interfaces } from '../interface.ts';
import type { Sending } from '../sending.ts';
import { InputStream, OutputStream } from './io.ts';
import { NameReader } from './object-names.ts';

/** What wasi:blobstore is on the wire, and to the main thread. */
const WIRE = 'wrpc:blobstore/blobstore@0.2.0';

/** The most that a value consumed as one list may have: it is in the host's memory until it is whole. */
const maxWholeBytes = 64 * 1024 * 1024;

interface ObjectId {
  readonly container: string;
  readonly object: string;
}

interface Metadata {
  readonly createdAt: bigint;
  readonly size: bigint;
}

const nothing = (): BodySender => {
  const body = new BodySender();
  body.finish();
  return body;
};

/** wasi:blobstore/types.outgoing-value. */
class OutgoingValue {
  readonly #sender = new BodySender();
  #hasBody = false;
  #writing: Sending | undefined;

  static newOutgoingValue(): OutgoingValue {
    return new OutgoingValue();
  }

  /** Ends the value, and resolves when it is stored. */
  static async finish(value: OutgoingValue): Promise<void> {
    if (value.#writing === undefined) throw new WitError('the value was not given to write-data');
    value.#sender.finish();
    await value.#writing.answer;
  }

  /** The stream, once. */
  outgoingValueWriteBody(): OutputStream {
    if (this.#hasBody) throw new WitError(undefined);
    this.#hasBody = true;
    return new OutputStream(this.#sender);
  }

  writeTo(guest: Guest, id: ObjectId): void {
    if (this.#writing !== undefined) throw new WitError('the value was given to write-data before');
    const request = { kind: 'function', instance: WIRE, func: 'write-container-data', args: [id] } as const;
    this.#writing = guest.send(request, this.#sender);
  }

  [Symbol.dispose](): void {
    this.#sender.break('the component dropped a value unfinished');
  }
}

/** wasi:blobstore/types.incoming-value. */
class IncomingValue {
  readonly #body: BodyReceiver;
  readonly #sizeOf: () => Promise<bigint>;
  #consumed = false;

  static async incomingValueConsumeSync(value: IncomingValue): Promise<Uint8Array> {
    const body = value.#consume();
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      while (!body.isReady()) await body.wait();
      if (body.end === 'closed') return Buffer.concat(chunks);
      if (body.end !== 'open') throw new WitError(body.end.message);
      const chunk = body.take(maxWholeBytes);
      length += chunk.length;
      if (length > maxWholeBytes) {
        body.drop();
        throw new WitError(`more than ${maxWholeBytes} bytes: read the value as a stream`);
      }
      chunks.push(chunk);
    }
  }

  static incomingValueConsumeAsync(value: IncomingValue): InputStream {
    return new InputStream(value.#consume());
  }

  constructor(body: BodyReceiver, sizeOf: () => Promise<bigint>) {
    this.#body = body;
    this.#sizeOf = sizeOf;
  }

  async size(): Promise<bigint> {
    return this.#sizeOf();
  }

  #consume(): BodyReceiver {
    if (this.#consumed) throw new WitError('the value was consumed before');
    this.#consumed = true;
    return this.#body;
  }

  [Symbol.dispose](): void {
    if (!this.#consumed) this.#body.drop();
  }
}

/** How much of an object of `size` bytes lies between two offsets, both included. */
const lengthWithin = (size: bigint, start: bigint, end: bigint): bigint => {
  const last = end < size ? end : size - 1n;
  return last < start ? 0n : last - start + 1n;
};

export const blobstore = (guest: Guest): Interfaces => {
  const ask = async (func: string, ...args: readonly unknown[]): Promise<unknown> => guest.invoke(WIRE, func, args);

  /** wasi:blobstore/container.container. */
  class Container {
    readonly #name: string;

    constructor(name: string) {
      this.#name = name;
    }

    name(): string {
      return this.#name;
    }

    async info(): Promise<unknown> {
      const { createdAt } = (await ask('get-container-info', this.#name)) as Metadata;
      return { name: this.#name, createdAt };
    }

    async getData(name: string, start: bigint, end: bigint): Promise<IncomingValue> {
      const id = this.#object(name);
      const request = { kind: 'function', instance: WIRE, func: 'get-container-data', args: [id, start, end] } as const;
      const { body } = await guest.send(request, nothing()).answer;
      return new IncomingValue(body, async () => {
        return lengthWithin(((await ask('get-object-info', id)) as Metadata).size, start, end);
      });
    }

    writeData(name: string, data: OutgoingValue): void {
      data.writeTo(guest, this.#object(name));
    }

    async listObjects(): Promise<NameReader> {
      const args = [this.#name, undefined, undefined];
      const request = { kind: 'function', instance: WIRE, func: 'list-container-objects', args } as const;
      return new NameReader((await guest.send(request, nothing()).answer).body);
    }

    async deleteObject(name: string): Promise<void> {
      await ask('delete-object', this.#object(name));
    }

    async deleteObjects(names: readonly string[]): Promise<void> {
      await ask('delete-objects', this.#name, names);
    }

    async hasObject(name: string): Promise<unknown> {
      return ask('has-object', this.#object(name));
    }

    async objectInfo(name: string): Promise<unknown> {
      const { createdAt, size } = (await ask('get-object-info', this.#object(name))) as Metadata;
      return { name, container: this.#name, createdAt, size };
    }

    async clear(): Promise<void> {
      await ask('clear-container', this.#name);
    }

    #object(object: string): ObjectId {
      return { container: this.#name, object };
    }
  }

  return {
    'wasi:blobstore/types': { OutgoingValue, IncomingValue },
    'wasi:blobstore/container': { Container, StreamObjectNames: NameReader },
    'wasi:blobstore/blobstore': {
      createContainer: async (name: string): Promise<Container> => {
        await ask('create-container', name);
        return new Container(name);
      },
      getContainer: async (name: string): Promise<Container> => {
        if ((await ask('container-exists', name)) !== true) throw new WitError(`there is no container ${name}`);
        return new Container(name);
      },
      deleteContainer: async (name: string) => ask('delete-container', name),
      containerExists: async (name: string) => ask('container-exists', name),
      copyObject: async (from: ObjectId, to: ObjectId) => ask('copy-object', from, to),
      moveObject: async (from: ObjectId, to: ObjectId) => ask('move-object', from, to),
    },
  };
};
