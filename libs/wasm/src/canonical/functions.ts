import type { AbiFunc } from './abi-type.ts';
import type { Codec, CoreValue } from './codec.ts';
import { codecOf, tuple } from './codecs.ts';
import type { Context } from './context.ts';
import { faultIf } from './trap.ts';

// Component Model, CanonicalABI.md: MAX_FLAT_PARAMS, MAX_FLAT_RESULTS.
const maxFlatParams = 16;
const maxFlatResults = 1;

/**
 * A component function. A `result` is `{tag: 'ok' | 'err', val}` whole; a promise where the function may wait.
 * Any error means that it trapped.
 */
export type Call = (args: readonly unknown[]) => unknown;

export type CoreFunction = (...args: CoreValue[]) => unknown;

/** How the parameters and the result of a function pass. */
interface Signature {
  readonly each: readonly Codec[];
  /** All of `each`, one after another. */
  readonly params: Codec;
  readonly paramsInMemory: boolean;
  readonly result: Codec | undefined;
  readonly resultInMemory: boolean;
}

const known = new WeakMap<AbiFunc, Signature>();

/** Made once for each type: every instance has all the functions of its component. */
const signatureOf = (type: AbiFunc): Signature => {
  const made = known.get(type) ?? newSignature(type);
  known.set(type, made);
  return made;
};

const newSignature = (type: AbiFunc): Signature => {
  const params = tuple(type.params);
  const result = type.result === undefined ? undefined : codecOf(type.result);
  return {
    each: type.params.map(codecOf),
    params,
    paramsInMemory: params.flat.length > maxFlatParams,
    result,
    resultInMemory: result !== undefined && result.flat.length > maxFlatResults,
  };
};

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;

/**
 * The core function by which a guest calls `call` (canon lower). It returns a promise when `call` does: then it has to be
 * a suspending import.
 */
export const lower = (type: AbiFunc, call: Call, cx: Context): CoreFunction => {
  const { each, params, paramsInMemory, result, resultInMemory } = signatureOf(type);
  const resultAt = paramsInMemory ? 1 : params.flat.length;
  const { instance } = cx;

  const liftParams = (values: readonly CoreValue[]): readonly unknown[] => {
    cx.refresh();
    if (!paramsInMemory) {
      const [first, second] = each;
      // Most have one or two; an array that grows costs more than what it is to hold.
      if (first === undefined) return [];
      if (second === undefined) return [first.lift(cx, values, 0)];
      if (each.length === 2) return [first.lift(cx, values, 0), second.lift(cx, values, first.flat.length)];
      return params.lift(cx, values, 0) as unknown[];
    }
    const at = Number(values[0]) >>> 0;
    cx.check(at, params.align, params.size);
    return params.load(cx, at) as unknown[];
  };
  const lowerResult = (value: unknown, values: readonly CoreValue[]): CoreValue | undefined => {
    if (result === undefined) return undefined;
    cx.refresh();
    if (resultInMemory) {
      const at = Number(values[resultAt]) >>> 0;
      cx.check(at, result.align, result.size);
      result.store(cx, value, at);
      return undefined;
    }
    const out: CoreValue[] = [];
    result.lower(cx, value, out);
    return out[0];
  };
  // A guest that catches the exception of a failed call must not get any further than its own code.
  const fail = (error: unknown): never => {
    instance.mayLeave = false;
    throw error;
  };
  return (...values) => {
    faultIf(!instance.mayLeave, 'it calls out where it must not, or after it trapped');
    try {
      const value = call(liftParams(values));
      if (!isPromise(value)) return lowerResult(value, values);
      return value.then((settled) => {
        try {
          return lowerResult(settled, values);
        } catch (error) {
          return fail(error);
        }
      }, fail);
    } catch (error) {
      return fail(error);
    }
  };
};

export interface Lifted {
  readonly core: CoreFunction;
  readonly postReturn: ((...values: CoreValue[]) => void) | undefined;
}

/** The function of a guest as others call it (canon lift). It returns a promise when the core function does. */
export const lift = (type: AbiFunc, { core, postReturn }: Lifted, cx: Context): Call => {
  const { params, paramsInMemory, result, resultInMemory } = signatureOf(type);
  const { instance } = cx;

  const lowerParams = (args: readonly unknown[]): CoreValue[] => {
    const out: CoreValue[] = [];
    cx.refresh();
    if (!paramsInMemory) {
      params.lower(cx, args, out);
      return out;
    }
    const at = cx.allocate(params.align, params.size);
    params.store(cx, args, at);
    return [at];
  };
  const liftResult = (returned: CoreValue | undefined): unknown => {
    if (result === undefined) return undefined;
    cx.refresh();
    if (!resultInMemory) return result.lift(cx, [returned ?? 0], 0);
    const at = Number(returned) >>> 0;
    cx.check(at, result.align, result.size);
    return result.load(cx, at);
  };
  const finish = (returned: CoreValue | undefined): unknown => {
    const value = liftResult(returned);
    if (postReturn !== undefined) {
      instance.mayLeave = false;
      if (result === undefined) postReturn();
      else postReturn(returned ?? 0);
      instance.mayLeave = true;
    }
    faultIf(cx.scope.borrowed > 0, 'it returned without dropping what it had borrowed');
    instance.entered = false;
    return value;
  };
  // After a trap the instance stays entered: nothing may run in it again.
  return (args) => {
    faultIf(instance.entered, 'it is called while it is in a call, or after it trapped');
    instance.entered = true;
    cx.scope = { borrowed: 0 };
    const returned = core(...lowerParams(args));
    return isPromise(returned)
      ? returned.then((value) => finish(value as CoreValue | undefined))
      : finish(returned as CoreValue | undefined);
  };
};
