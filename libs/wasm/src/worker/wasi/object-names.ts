import { WitError } from '../../error.ts';
import type { BodyReceiver } from '../body.ts';

/** The most names that one read gives, however many the guest asks for. */
const maxNames = 10_000n;
const maxLineBytes = 1024 * 1024;

/** wasi:blobstore/container.stream-object-names, over lines of JSON. */
export class NameReader {
  readonly #body: BodyReceiver;
  #names: string[] = [];
  #rest = Buffer.alloc(0);

  constructor(body: BodyReceiver) {
    this.#body = body;
  }

  /** At most that many names, and whether they are the last. */
  async readStreamObjectNames(length: bigint): Promise<[names: string[], isEnd: boolean]> {
    const wanted = Number(length < maxNames ? length : maxNames);
    while (this.#names.length < wanted && (await this.#more()));
    const names = this.#names.splice(0, wanted);
    return [names, this.#names.length === 0 && this.#body.end === 'closed'];
  }

  async skipStreamObjectNames(count: bigint): Promise<[skipped: bigint, isEnd: boolean]> {
    let skipped = 0n;
    for (;;) {
      const [names, isEnd] = await this.readStreamObjectNames(count - skipped);
      skipped += BigInt(names.length);
      if (isEnd || skipped >= count) return [skipped, isEnd];
    }
  }

  [Symbol.dispose](): void {
    this.#body.drop();
  }

  /** Waits for more names; false when there are none. */
  async #more(): Promise<boolean> {
    while (!this.#body.isReady()) await this.#body.wait();
    const { end } = this.#body;
    if (end === 'closed') return false;
    if (end !== 'open') throw new WitError(end.message);
    let all = Buffer.concat([this.#rest, this.#body.take(maxLineBytes)]);
    for (let at = all.indexOf(0x0a); at >= 0; at = all.indexOf(0x0a)) {
      this.#names.push(String(JSON.parse(all.toString('utf8', 0, at))));
      all = all.subarray(at + 1);
    }
    if (all.length > maxLineBytes) throw new WitError(`the name of an object has more than ${maxLineBytes} bytes`);
    this.#rest = all;
    return true;
  }
}
