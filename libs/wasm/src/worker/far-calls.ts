import { WitError } from '../error.ts';
import type { Answer, FarCall, FarCaller, FarCallerModule, FarRunning, OpenFarCaller } from '../runtime/far-caller.ts';
import type { Outcome } from '../runtime/protocol.ts';
import { UnderWay, type FuncType, type TraceContext } from '@kasmcloud/wrpc';
import { importModule } from './importing.ts';

/** Why a call is aborted; made once, as most are over by then. */
const over = new Error('the call that it was for is over');

/** Those that one guest waits for: mostly one. */
class Running implements FarRunning {
  readonly #calls: FarCall[] = [];

  add(call: FarCall): void {
    this.#calls.push(call);
  }

  delete(call: FarCall): void {
    const at = this.#calls.indexOf(call);
    if (at >= 0) this.#calls.splice(at, 1);
  }

  abort(): void {
    for (const call of this.#calls.splice(0)) call.abort(over);
  }
}

interface Opening {
  readonly openFarCaller: OpenFarCaller;
}

/** The calls that this thread makes by itself to other processes, by the guest's call that they are for. */
export class FarCalls {
  readonly #module: FarCallerModule | undefined;
  readonly #running = new UnderWay<Running>();
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
  run(call: number, route: unknown, args: readonly unknown[], trace: TraceContext | undefined): Promise<unknown> {
    if (this.#caller === undefined) return Promise.reject(new Error('calls to other processes cannot be made yet'));
    let running = this.#running.get(call);
    if (running === undefined) this.#running.set(call, (running = new Running()));
    return this.#caller.call(route, args, { running, trace }).then(valueOf);
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
    const running = this.#running.get(call);
    if (running === undefined) return;
    this.#running.delete(call);
    running.abort();
  }
}

const valueOf = (outcome: Outcome): unknown => {
  if (outcome.kind === 'value') return outcome.value;
  throw outcome.kind === 'error' ? new WitError(outcome.payload) : new Error(outcome.message);
};
