import {
  HttpCodeError,
  readLetter,
  serve,
  serveHttp,
  serverSpan,
  type LatticeConnection,
  type Letter,
  type ServedFunction,
} from '@kasmcloud/lattice';
import type { Logger, Tracer } from '@kasmcloud/observe';
import {
  ClosedError,
  DeadlineError,
  localInterface,
  refusalFor,
  TrapError,
  WitError,
  type LoadedComponent,
} from '@kasmcloud/wasm';
import { wrpcHttp } from '@kasmcloud/wire';
import { traceContextOf, withTraceContext, type HttpErrorCode } from '@kasmcloud/wrpc';
import { toWire } from '../lattice/outcome.ts';
import { resultOf } from '../lattice/result.ts';

export interface ServingOptions {
  readonly connection: LatticeConnection;
  readonly lattice: string;
  readonly id: string;
  readonly component: LoadedComponent;
  readonly timeoutMs: number;
  readonly tracer: Tracer;
  readonly log: Logger;
}

const HTTP_HANDLER = 'wasi:http/incoming-handler';

/** Whether anyone could call the component: it exports an interface of its own, or handles HTTP. */
export const isCallable = (component: LoadedComponent): boolean => component.exports.some(({ name }) => isServed(name));

const isServed = (name: string): boolean => {
  const local = localInterface(name);
  return local === undefined || local === HTTP_HANDLER;
};

/** Answers the lattice for everything that a component exports. The functions returned end that. */
export function serveComponent(options: ServingOptions): ServedFunction[] {
  const { component, lattice, id, tracer } = options;
  return component.exports
    .filter(({ name }) => isServed(name))
    .flatMap(({ name, functions }) => {
      if (localInterface(name) === HTTP_HANDLER) return [serveHandler(options)];
      return functions.map(({ name: func, type }) => {
        const address = { lattice, target: id, instance: name, func };
        const relay = async ({ content, trace }: Letter): Promise<{ result: unknown } | undefined> => {
          const read = (): readonly unknown[] => readLetter(type, content);
          const left = await component.answer(name, func, { content, read, trace });
          return left && { result: resultOf(type, left) };
        };
        return serve(
          options.connection,
          address,
          type,
          (args, call) => {
            const { signal } = call;
            const run = tracer.run(serverSpan(address, call), (trace) =>
              component.call(name, func, args, { signal, trace }),
            );
            return toWire(type, run);
          },
          {
            timeoutMs: options.timeoutMs,
            relay: component.takesLetters ? relay : undefined,
            onError: (error) => options.log[levelOf(error)]({ err: error, id, func }, 'call failed'),
          },
        );
      });
    });
}

function serveHandler({ connection, lattice, id, component, timeoutMs, tracer, log }: ServingOptions): ServedFunction {
  const onError = (error: unknown): void => log[levelOf(error)]({ err: error, id }, 'request failed');
  return serveHttp(
    connection,
    { lattice, target: id },
    async (request, call) => {
      const { signal } = call;
      const start = serverSpan({ lattice, target: id, ...wrpcHttp.incoming }, call);
      // A caller that knows of no traces may still have been asked in one.
      const parent = start.parent ?? traceContextOf(request.headers);
      try {
        return await tracer.run({ ...start, parent }, (trace) => {
          const headers = trace === undefined ? request.headers : withTraceContext(request.headers, trace);
          return component.handleHttp({ ...request, headers }, { signal });
        });
      } catch (error) {
        if (error instanceof WitError) throw new HttpCodeError(error.payload as HttpErrorCode, { cause: error });
        onError(error);
        // What a client may know, and no message: see `serveHttp`.
        throw new HttpCodeError({ tag: 'internal-error', val: refusalFor(error).text }, { cause: error });
      }
    },
    { timeoutMs, onError },
  );
}

/** An operator is to see what fails here; not each call that is wrong, or too many. */
const levelOf = (error: unknown): 'warn' | 'debug' =>
  [TrapError, DeadlineError, ClosedError].some((one) => error instanceof one) ? 'warn' : 'debug';
