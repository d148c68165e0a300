import type { Authorizer } from '../auth/authorizer.ts';
import { acceptsAggregated, aggregatedDiscovery, aggregatedType } from '../discovery/aggregated.ts';
import { coreVersions, group, groupList, resourceList } from '../discovery/discovery.ts';
import type { OpenApiDocuments } from '../discovery/openapi.ts';
import type { Registry } from '../resources/registry.ts';
import type { JsonObject } from '../schema/json.ts';
import { methodNotAllowed, noSuchResource, notImplemented } from '../status.ts';
import type { Exchange } from './exchange.ts';
import { negotiate } from './negotiation.ts';
import type { RequestMetrics } from './request-metrics.ts';
import type { ResourceHandler } from './resource-handler.ts';
import type { ReviewHandler } from './review-handler.ts';

interface Parts {
  readonly registry: Registry;
  readonly resources: ResourceHandler;
  readonly reviews: ReviewHandler;
  readonly documents: OpenApiDocuments;
  readonly authorizer: Authorizer;
  readonly metrics: RequestMetrics;
  /** `host:port` of this server, as discovery names it. */
  readonly address: () => string;
}

/** The version of Kubernetes whose behaviour is answered with. */
const version: JsonObject = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.0-kasmcloud',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: `${process.platform}/${process.arch}`,
};

/** `{ swagger: "2.0" }` as a protobuf message of gnostic's openapi.v2.Document. */
const emptyOpenApiV2 = Buffer.from([0x0a, 3, ...Buffer.from('2.0')]);

const anyMethod: ReadonlySet<string> = new Set(['livez', 'readyz', 'healthz', 'openapi']);

/** Leads each request to what answers it. */
export class Dispatcher {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async dispatch(exchange: Exchange): Promise<void> {
    const { info } = exchange;
    this.#parts.authorizer.require(exchange.user, info);
    if (!info.isResource) {
      this.#plain(exchange);
      return;
    }
    if (await this.#parts.reviews.handle(exchange)) return;
    const resource = this.#parts.registry.find(info.group, info.version, info.resource);
    if (exchange.request.method === 'HEAD') throw methodNotAllowed();
    if (resource === undefined) return this.#notServed(exchange, info.group);
    await this.#parts.resources.handle(exchange, resource);
  }

  #plain(exchange: Exchange): void {
    const { registry, address } = this.#parts;
    const { path } = exchange.info;
    const isRead = exchange.info.verb === 'get' || exchange.info.verb === 'head';
    const segments = path.replace(/^\//, '').replace(/\/+$/, '').split('/');
    const [root = '', first, second] = segments;
    // Health and documents are answered whatever the method is.
    if (!isRead && !anyMethod.has(root)) throw methodNotAllowed();
    if (
      (root === 'api' || root === 'apis') &&
      segments.length === 1 &&
      acceptsAggregated(exchange.request.headers.accept)
    ) {
      return exchange.sendText(200, JSON.stringify(aggregatedDiscovery(registry, root)), aggregatedType);
    }
    switch (root) {
      case 'livez':
      case 'readyz':
      case 'healthz':
        return this.#health(exchange, root);
      case 'version':
        if (segments.length > 1) return exchange.sendPageNotFound();
        return exchange.send(200, version);
      case 'api':
        if (segments.length === 1) return this.#found(exchange, coreVersions(address()));
        return this.#found(exchange, segments.length === 2 ? resourceList(registry, '', first ?? '') : undefined);
      case 'apis':
        if (first === undefined) return this.#found(exchange, groupList(registry));
        if (first === '') return exchange.sendPageNotFound();
        if (second === undefined) return this.#found(exchange, group(registry, first));
        return this.#found(exchange, segments.length === 3 ? resourceList(registry, first, second) : undefined);
      case 'metrics':
        if (segments.length > 1) return exchange.sendPageNotFound();
        return this.#parts.metrics.send(exchange);
      case 'openapi':
        return this.#openApi(exchange, segments);
      default:
        return exchange.sendPageNotFound();
    }
  }

  /** Groups of the server itself answer for what they lack; nobody answers for a group that is not there. */
  #notServed(exchange: Exchange, group: string): void {
    if (this.#parts.registry.hasBuiltin(group)) throw noSuchResource();
    exchange.sendPageNotFound();
  }

  #found(exchange: Exchange, document: JsonObject | undefined): void {
    if (document === undefined) return this.#notServed(exchange, exchange.info.path.split('/')[2] ?? '');
    exchange.send(200, document, negotiate('application/json', exchange.query));
  }

  /** Once this answers, the store is loaded and every definition is served: there is nothing else to wait for. */
  #health(exchange: Exchange, endpoint: string): void {
    if (!exchange.query.has('verbose')) return exchange.sendText(200, 'ok');
    return exchange.sendText(200, `[+]ping ok\n[+]store ok\n${endpoint} check passed\n`);
  }

  /** kubectl looks here, in protobuf, for kinds that no v3 document has. There are none: the document names no path. */
  #openApiV2(exchange: Exchange): void {
    const type = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    if (exchange.request.headers.accept?.includes(type) !== true) throw notImplemented('OpenAPI v2 as JSON');
    const headers = { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' };
    exchange.sendBytes(200, emptyOpenApiV2, headers);
  }

  #openApi(exchange: Exchange, segments: readonly string[]): void {
    const { documents } = this.#parts;
    if (segments[1] === 'v2' && segments.length === 2) return this.#openApiV2(exchange);
    if (segments[1] !== 'v3') throw noSuchResource();
    if (segments.length === 2) return exchange.sendText(200, JSON.stringify(documents.index()));
    const [, , root, first = '', second = ''] = segments;
    const document = root === 'api' ? documents.document('', first) : documents.document(first, second);
    if (document === undefined || segments.length !== (root === 'api' ? 4 : 5)) return exchange.sendText(404, '', '');
    exchange.sendBytes(200, Buffer.from(document.text), {
      'content-type': 'application/json',
      etag: `"${document.hash}"`,
    });
  }
}
