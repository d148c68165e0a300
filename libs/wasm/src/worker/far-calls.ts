import { WitError } from '../error.ts';
import type { Answer, FarCaller, FarCallerModule, OpenFarCaller } from '../runtime/far-caller.ts';
import type { FuncType, TraceContext } from '@kasmcloud/wrpc';
import { importModule } from './importing.ts';

/** Why a call is aborted; made once, as most are over by then. */
const over = new Error('the call that it was for is over');

interface Opening {
  readonly openFarCaller: OpenFarCaller;
}

/** The calls that this thread makes by itself to other processes, by the guest's call that they are for. */
export class FarCalls {
  readonly #module: FarCallerModule | undefined;
  readonly #running = new Map<number, AbortController>();
  #caller: FarCaller | undefined;
  readonly #tell: (isReady: boolean) => void;
  #isOpening = false;

  /** `tell` hears whenever `isReady` changes. */
  constructor(module: FarCallerModule | undefined, tell: (isReady: boolean) => void) {
    this.#module = module;
    this.#tell = tell;
  }

  /** Gets ready, once. Until then, and where that fails, the main thread goes on to make the calls. */
  async open(): Promise<void> {
    if (this.#isOpening || this.#module === undefined) return;
    this.#isOpening = true;
    const { url, options } = this.#module;
    const { openFarCaller } = (await importModule(url)) as Opening;
    this.#caller = await openFarCaller(options);
    this.#caller.onReady(this.#tell);
    this.#tell(this.#caller.isReady);
  }

  get isReady(): boolean {
    return this.#caller?.isReady === true;
  }

  /** @throws WitError for the error case of a result, and another error when it failed or the guest's call is over */
  async run(call: number, route: unknown, args: readonly unknown[], trace: TraceContext | undefined): Promise<unknown> {
    if (this.#caller === undefined) throw new Error('calls to other processes cannot be made yet');
    let controller = this.#running.get(call);
    if (controller === undefined) this.#running.set(call, (controller = new AbortController()));
    const outcome = await this.#caller.call(route, args, { signal: controller.signal, trace });
    if (outcome.kind === 'value') return outcome.value;
    throw outcome.kind === 'error' ? new WitError(outcome.payload) : new Error(outcome.message);
  }

  /** The arguments of a letter. @throws when they are not of that type */
  read(type: FuncType, letter: unknown): readonly unknown[] {
    return this.#opened.read(type, letter);
  }

  /** Answers a letter. @throws when that cannot be done now */
  answer(type: FuncType, letter: unknown, outcome: Answer): void {
    this.#opened.answer(type, letter, outcome);
  }

  /** See `FarCaller.flush`. */
  flush(): void {
    this.#opened.flush();
  }

  get #opened(): FarCaller {
    if (this.#caller === undefined) throw new Error('calls of other processes cannot be answered yet');
    return this.#caller;
  }

  /** The guest's call is over. */
  end(call: number): void {
    const controller = this.#running.get(call);
    if (controller === undefined) return;
    this.#running.delete(call);
    controller.abort(over);
  }
}
