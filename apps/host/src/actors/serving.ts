import { HttpCodeError, serve, serveHttp, type LatticeConnection, type ServedFunction } from '@kasmcloud/lattice';
import type { Logger } from '@kasmcloud/observe';
import { localInterface, WitError, type LoadedComponent } from '@kasmcloud/wasm';
import type { HttpErrorCode } from '@kasmcloud/wrpc';
import { toWire } from '../lattice/outcome.ts';

export interface ServingOptions {
  readonly connection: LatticeConnection;
  readonly lattice: string;
  readonly id: string;
  readonly component: LoadedComponent;
  readonly timeoutMs: number;
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
  const { component, lattice, id } = options;
  return component.exports
    .filter(({ name }) => isServed(name))
    .flatMap(({ name, functions }) => {
      if (localInterface(name) === HTTP_HANDLER) return [serveHandler(options)];
      return functions.map(({ name: func, type }) =>
        serve(
          options.connection,
          { lattice, target: id, instance: name, func },
          type,
          (args, { signal }) => toWire(type, component.call(name, func, args, { signal })),
          {
            timeoutMs: options.timeoutMs,
            onError: (error) => options.log.debug({ err: error, id, func }, 'call failed'),
          },
        ),
      );
    });
}

function serveHandler({ connection, lattice, id, component, timeoutMs, log }: ServingOptions): ServedFunction {
  return serveHttp(
    connection,
    { lattice, target: id },
    async (request, { signal }) => {
      try {
        return await component.handleHttp(request, { signal });
      } catch (error) {
        if (error instanceof WitError) throw new HttpCodeError(error.payload as HttpErrorCode, { cause: error });
        throw error;
      }
    },
    { timeoutMs, onError: (error) => log.debug({ err: error, id }, 'request failed') },
  );
}
