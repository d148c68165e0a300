import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { WitError } from '../error.ts';
import { noHost, openRuntime, textOf } from '../testing/harness.ts';
import type { HostFunctions, LoadedComponent } from './types.ts';

const runtime = await openRuntime({ workers: 1 });
afterAll(() => runtime.close());

interface Id {
  readonly object: string;
}

/** Objects of one container, and what its host sees of the guest's streams. */
class Shelf implements HostFunctions {
  readonly objects = new Map<string, Buffer>();
  /** Bytes of objects that were written, or begun to be. */
  received = 0;
  isFull = false;
  /** Waited for before each chunk is taken. */
  pace: () => Promise<void> = () => Promise.resolve();
  readonly provides = (): boolean => false;
  readonly log = (): void => undefined;

  async invoke(instance: string, func: string, [first, second]: readonly unknown[]): Promise<unknown> {
    if (instance !== 'wrpc:blobstore/blobstore@0.2.0') throw new Error(instance);
    const { object } = first as Id;
    switch (func) {
      case 'container-exists':
        return first === 'shelf';
      case 'has-object':
        return this.objects.has(object);
      case 'get-object-info':
        return { createdAt: 7n, size: BigInt(this.find(object).length) };
      case 'copy-object':
        return void this.objects.set((second as Id).object, this.find(object));
      case 'move-object':
        this.objects.set((second as Id).object, this.find(object));
        return void this.objects.delete(object);
      case 'delete-object':
        return void this.objects.delete(object);
      case 'clear-container':
        return this.objects.clear();
      case 'create-container':
      case 'delete-container':
        throw new WitError(`${func} of ${String(first)} is not allowed`);
      default:
        throw new Error(func);
    }
  }

  async stream(
    _: string,
    func: string,
    [first, start, end]: readonly unknown[],
    body: AsyncIterable<Uint8Array>,
  ): Promise<{ body?: AsyncIterable<Uint8Array> }> {
    if (func === 'list-container-objects') return { body: lines([...this.objects.keys()]) };
    const { object } = first as Id;
    if (func === 'get-container-data') {
      return { body: chunks(this.find(object).subarray(Number(start), Number(end) + 1)) };
    }
    const parts: Uint8Array[] = [];
    for await (const part of body) {
      await this.pace();
      this.received += part.length;
      if (this.isFull) throw new WitError('the shelf is full');
      parts.push(part);
    }
    this.objects.set(object, Buffer.concat(parts));
    return {};
  }

  private find(object: string): Buffer {
    const found = this.objects.get(object);
    if (found === undefined) throw new WitError(`there is no object ${object}`);
    return found;
  }
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

async function* lines(names: readonly string[]): AsyncGenerator<Uint8Array> {
  // Cut where no line ends.
  const all = Buffer.from(names.map((name) => `${JSON.stringify(name)}\n`).join(''));
  for (let at = 0; at < all.length; at += 7) yield all.subarray(at, at + 7);
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

let shelf = new Shelf();
let blobs: LoadedComponent;
beforeEach(async () => {
  shelf = new Shelf();
  blobs = await runtime.load('blobs', { host: shelf });
});

const act = async (path: string, body?: AsyncIterable<Uint8Array>): Promise<string> =>
  textOf(await blobs.handleHttp({ method: 'POST', pathWithQuery: `/${path}`, headers: [], body }));

describe('wasi:blobstore', () => {
  test('keeps objects and gives them back, whole and in parts', async () => {
    expect(await act('put/ode', once('Freude, schöner'))).toBe('stored');
    expect(await act('get/ode')).toBe('Freude, schöner');
    expect(await act('range/ode/0/5')).toBe('Freude');
    expect(await act('whole/ode')).toBe('16 bytes: Freude, schöner');
    expect(await act('size/ode')).toBe('16');
    expect(await act('has/ode')).toBe('yes');
    expect(await act('copy/ode/joy')).toBe('done');
    expect(await act('move/joy/song')).toBe('done');
    expect(await act('has/joy')).toBe('no');
    expect(await act('list')).toBe('ode\nsong\n');
    expect(await act('delete/ode')).toBe('deleted');
    expect(await act('clear')).toBe('cleared');
    expect(await act('list')).toBe('');
    expect(await act('exists')).toBe('yes');
  });

  test('lists names of any kind, more than are read at once', async () => {
    const names = ['a "b"', 'c\nd', 'ü', ...Array.from({ length: 20 }, (_, i) => `n${i}`)];
    for (const name of names) shelf.objects.set(name, Buffer.of());
    expect(await act('list')).toBe(names.map((name) => `${name}\n`).join(''));
  });

  test('says what the store refuses', async () => {
    expect(await act('get/none')).toBe('failed: there is no object none');
    expect(await act('size/none')).toBe('failed: there is no object none');
    expect(await act('make')).toBe('failed: create-container of shelf is not allowed');
    expect(await act('drop')).toBe('failed: delete-container of shelf is not allowed');
  });

  test('an object that the guest drops unfinished is not kept', async () => {
    expect(await act('cut/ode', once('Freude'))).toBe('cut');
    expect(shelf.objects.has('ode')).toBe(false);
  });

  test('a store that fails midway stops the guest, and the guest is told', async () => {
    shelf.isFull = true;
    expect(await act('put/big', chunks(new Uint8Array(4_000_000)))).toBe('failed: the shelf is full');
    expect(shelf.received).toBeLessThan(1_000_000);
  });

  test('is fed no faster than it takes: what waits is bounded, and nothing is lost', async () => {
    let given = 0;
    let furthest = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (; given < 4_000_000; given += 50_000) yield new Uint8Array(50_000).fill(given / 50_000);
    }
    shelf.pace = () => {
      furthest = Math.max(furthest, given - shelf.received);
      return new Promise((resolve) => setImmediate(resolve));
    };
    expect(await act('put/big', source())).toBe('stored');
    expect(shelf.objects.get('big')?.length).toBe(4_000_000);
    expect(shelf.objects.get('big')?.at(-1)).toBe(79);
    // A window on the way in and one on the way out, and a chunk in hand.
    expect(furthest).toBeLessThan(900_000);
  });
});

test('a host that serves no blobs ends the guest', async () => {
  const host = { ...noHost(), invoke: () => Promise.resolve(true) };
  const without = await runtime.load('blobs', { host });
  await expect(
    without.handleHttp({ method: 'POST', pathWithQuery: '/get/a', headers: [] }).then(textOf),
  ).rejects.toThrow('before the end of its response');
});
