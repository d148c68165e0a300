import { type KubeObject, apiVersion, asObject } from '../object.ts';
import { valueAt, withValueAt } from '../paths.ts';
import type { ListResult } from '../resources/read.ts';
import type { WatchEvent } from '../resources/watch.ts';
import type { Printer, Resource } from '../resources/resource.ts';
import type { JsonObject } from '../schema/json.ts';
import { badRequest } from '../status.ts';
import { renderTable } from '../table/index.ts';
import { storedText } from '../store/stored-text.ts';
import type { Wanted } from './negotiation.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** What rows of a table carry, from the query. Throws a 400. */
export function includeObject(query: URLSearchParams): IncludeObject {
  const asked = query.get('includeObject') ?? '';
  if (asked === '') return 'Metadata';
  if (asked === 'None' || asked === 'Metadata' || asked === 'Object') return asked;
  throw badRequest(
    `unrecognized includeObject value: ${JSON.stringify(asked)}: supported values: "None", "Metadata", "Object"`,
  );
}

/** Turns objects of one resource into the shape a client asked for. */
export class Renderer {
  readonly #resource: Resource;
  readonly #wanted: Wanted;
  readonly #include: IncludeObject;
  readonly #clock: () => Date;

  constructor(resource: Resource, wanted: Wanted, include: IncludeObject, clock: () => Date) {
    this.#resource = resource;
    this.#wanted = wanted;
    this.#include = include;
    this.#clock = clock;
  }

  one(object: KubeObject): JsonObject {
    switch (this.#wanted.shape) {
      case 'object':
        return object;
      case 'metadata':
      case 'metadataList':
        return partial(object);
      case 'table':
        return this.#table([object], { resourceVersion: object.metadata.resourceVersion });
    }
  }

  /** An object of the store as JSON text, which it shares with the disk and the watchers; undefined where it must be rendered. */
  oneText(object: KubeObject): string | undefined {
    return this.#isPlain ? storedText(object) : undefined;
  }

  list({ items, resourceVersion, continueToken, remaining }: ListResult): JsonObject {
    const metadata = {
      resourceVersion,
      ...(continueToken === undefined ? {} : { continue: continueToken }),
      ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
    };
    switch (this.#wanted.shape) {
      case 'object':
        return {
          kind: this.#resource.listKind,
          apiVersion: apiVersion(this.#resource),
          // A list of custom resources says that there is no next page; one of built-in kinds says nothing.
          metadata: this.#resource.custom ? { continue: '', ...metadata } : metadata,
          items: this.#resource.custom ? items : items.map(withoutType),
        };
      case 'metadata':
      case 'metadataList':
        return {
          kind: 'PartialObjectMetadataList',
          apiVersion: 'meta.k8s.io/v1',
          metadata,
          items: items.map((item) => partial(item)),
        };
      case 'table':
        return this.#table(items, metadata);
    }
  }

  /** A list as JSON text, from texts that its items share with other answers; undefined where it must be rendered. */
  listText(result: ListResult): string | undefined {
    if (!this.#isPlain) return undefined;
    const head = JSON.stringify(this.list({ ...result, items: [] }));
    return `${head.slice(0, -']}'.length)}${result.items.map((item) => this.#itemText(item)).join(',')}]}`;
  }

  /** Whether objects are wanted whole, in JSON without spaces: as the store has them. */
  get #isPlain(): boolean {
    return this.#wanted.shape === 'object' && this.#wanted.format === 'json' && !this.#wanted.pretty;
  }

  /** Items of a built-in kind are of the list's own, and do not repeat it. */
  #itemText(item: KubeObject): string {
    const text = storedText(item);
    if (this.#resource.custom) return text;
    const type = `{"apiVersion":${JSON.stringify(item.apiVersion)},"kind":${JSON.stringify(item.kind)},`;
    return text.startsWith(type) ? `{${text.slice(type.length)}` : JSON.stringify(withoutType(item));
  }

  /** An event of a watch, a JSON document on a line. Only the first table of a stream names its columns. */
  eventLine({ type, object }: WatchEvent, first: boolean): Buffer {
    if (this.#wanted.shape === 'object') return objectLine(type, object);
    return line(type, JSON.stringify(this.#event(object, { bookmark: type === 'BOOKMARK', first })));
  }

  #event(object: KubeObject, options: { readonly bookmark: boolean; readonly first: boolean }): JsonObject {
    if (this.#wanted.shape !== 'table') return this.one(object);
    const { columnDefinitions, ...rows } = this.#table(options.bookmark ? [] : [object], {
      resourceVersion: object.metadata.resourceVersion,
      ...(options.bookmark && object.metadata.annotations !== undefined
        ? { annotations: object.metadata.annotations }
        : {}),
    });
    return options.first ? { ...rows, columnDefinitions } : { ...rows, columnDefinitions: null };
  }

  #table(objects: readonly KubeObject[], listMeta: JsonObject): JsonObject {
    const { printer, columns } = this.#resource;
    const now = this.#clock();
    const options = { includeObject: this.#include, now, listMeta };
    const items = [...objects];
    if (printer === undefined) return renderTable(items, [...columns], options);
    // Built-in kinds compute their cells; the rest of the table is as for any kind.
    const table = renderTable(items, [], options);
    const rows = table['rows'] as JsonObject[];
    return {
      ...table,
      columnDefinitions: [...printer.columns],
      rows: items.map((object, index) => ({
        ...printed(rows[index] ?? {}, printer),
        cells: printer.cells(object, now),
      })),
    };
  }
}

const line = (type: string, json: string): Buffer => Buffer.from(`{"type":"${type}","object":${json}}\n`);

const objectLines = new Map<KubeObject, { readonly type: string; readonly bytes: Buffer }>();

/**
 * The bytes of an event with a whole object. All watchers are told of a commit in one turn, so for that long they are
 * kept, and shared by all of them.
 */
function objectLine(type: string, object: KubeObject): Buffer {
  const known = objectLines.get(object);
  if (known?.type === type) return known.bytes;
  const bytes = line(type, storedText(object));
  if (objectLines.size === 0) queueMicrotask(() => objectLines.clear());
  objectLines.set(object, { type, bytes });
  return bytes;
}

/** A row without the annotations that a kube-apiserver holds in a field of its own until it writes the object. */
function printed(row: JsonObject, { unprintedAnnotation: hidden }: Printer): JsonObject {
  const path = ['object', 'metadata', 'annotations'];
  if (hidden === undefined || valueAt(row, [...path, hidden]) === undefined) return row;
  const left = withValueAt(row, [...path, hidden], undefined);
  return Object.keys(asObject(valueAt(left, path))).length === 0 ? withValueAt(left, path, undefined) : left;
}

const partial = ({ metadata }: KubeObject): JsonObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
});

function withoutType({ apiVersion: _version, kind: _kind, ...rest }: KubeObject): JsonObject {
  return rest;
}
