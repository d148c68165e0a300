import { StatusError } from '../status.ts';
import type { Exchange } from './exchange.ts';
import type { Handle } from './server.ts';

const METRIC = 'apiserver_request_total';
const TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const verbs: Readonly<Record<string, string>> = {
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
};

/** How often which resource was asked for, in the name and labels under which a kube-apiserver tells it at `/metrics`. */
export class RequestMetrics {
  readonly #counts = new Map<string, number>();

  /** Counts every request for a resource by its answer. One that streams, or breaks off, counts as 200. */
  counted(handle: Handle): Handle {
    return async (exchange) => {
      try {
        await handle(exchange);
        this.#count(exchange, exchange.reply?.code ?? 200);
      } catch (error) {
        this.#count(exchange, error instanceof StatusError ? error.code : 500);
        throw error;
      }
    };
  }

  send(exchange: Exchange): void {
    const lines = [...this.#counts].map(([labels, count]) => `${METRIC}{${labels}} ${count}`);
    const head = [`# HELP ${METRIC} Requests by verb, resource and answer.`, `# TYPE ${METRIC} counter`];
    exchange.sendText(200, `${[...head, ...lines].join('\n')}\n`, TYPE);
  }

  #count({ info, request }: Exchange, code: number): void {
    if (!info.isResource) return;
    const isApply = info.verb === 'patch' && request.headers['content-type']?.startsWith('application/apply-patch');
    const labels = Object.entries({
      code: String(code),
      group: info.group,
      resource: info.resource,
      subresource: info.subresource,
      verb: isApply === true ? 'APPLY' : (verbs[info.verb] ?? info.verb.toUpperCase()),
      version: info.version,
    });
    // Paths are the client's: only words that may be in one are a series of their own.
    if (labels.some(([, value]) => !/^[\w.-]*$/.test(value))) return;
    const key = labels.map(([name, value]) => `${name}="${value}"`).join(',');
    const count = this.#counts.get(key);
    if (count !== undefined || this.#counts.size < MOST_SERIES) this.#counts.set(key, (count ?? 0) + 1);
  }
}

/** A client that makes resources up must not fill the memory. */
const MOST_SERIES = 5_000;
