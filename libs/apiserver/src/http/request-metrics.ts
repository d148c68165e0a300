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
  /** By the values of their labels, joined by spaces. */
  readonly #series = new Map<string, Series>();

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
    const lines = [...this.#series.values()].map(({ labels, count }) => `${METRIC}{${labels}} ${count}`);
    const head = [`# HELP ${METRIC} Requests by verb, resource and answer.`, `# TYPE ${METRIC} counter`];
    exchange.sendText(200, `${[...head, ...lines].join('\n')}\n`, TYPE);
  }

  #count({ info, request }: Exchange, code: number): void {
    if (!info.isResource) return;
    const isApply = info.verb === 'patch' && request.headers['content-type']?.startsWith('application/apply-patch');
    const verb = isApply === true ? 'APPLY' : (verbs[info.verb] ?? info.verb.toUpperCase());
    const values = [String(code), info.group, info.resource, info.subresource, verb, info.version];
    const key = values.join(' ');
    const known = this.#series.get(key);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    // Paths are the client's: only words that may be in one are a series of their own.
    if (this.#series.size >= MOST_SERIES || !values.every((value) => /^[\w.-]*$/.test(value))) return;
    const labels = labelNames.map((name, index) => `${name}="${values[index]}"`).join(',');
    this.#series.set(key, { labels, count: 1 });
  }
}

interface Series {
  readonly labels: string;
  count: number;
}

const labelNames = ['code', 'group', 'resource', 'subresource', 'verb', 'version'];

/** A client that makes resources up must not fill the memory. */
const MOST_SERIES = 5_000;
