import { createHash } from 'node:crypto';
import { apiVersion } from '../object.ts';
import { openApiV3Document } from '../openapi/index.ts';
import type { OpenApiResource } from '../openapi/index.ts';
import type { Registry } from '../resources/registry.ts';
import type { Resource } from '../resources/resource.ts';
import type { JsonObject } from '../schema/json.ts';

interface Document {
  readonly text: string;
  readonly hash: string;
}

/** The OpenAPI v3 documents of what is served, made when first asked for and kept until a kind comes or goes. */
export class OpenApiDocuments {
  readonly #registry: Registry;
  #revision = -1;
  #documents = new Map<string, Document>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** `/openapi/v3`: where each document is, with its hash, by which clients cache it. */
  index(): JsonObject {
    const paths: JsonObject = {};
    for (const { group, version } of this.#versions()) {
      const path = group === '' ? `api/${version}` : `apis/${group}/${version}`;
      const document = this.#document(group, version);
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${document.hash}` };
    }
    return { paths };
  }

  /** One document as JSON text, or undefined for a group version that is not served. */
  document(group: string, version: string): Document | undefined {
    return this.#registry.inVersion(group, version).length === 0 ? undefined : this.#document(group, version);
  }

  #versions(): readonly { readonly group: string; readonly version: string }[] {
    return [
      { group: '', version: 'v1' },
      ...this.#registry.groups().flatMap(({ group, versions }) => versions.map((version) => ({ group, version }))),
    ];
  }

  #document(group: string, version: string): Document {
    if (this.#revision !== this.#registry.revision) {
      this.#revision = this.#registry.revision;
      this.#documents = new Map();
    }
    const key = apiVersion({ group, version });
    const known = this.#documents.get(key);
    if (known !== undefined) return known;
    const resources = this.#registry.inVersion(group, version).map((resource) => described(resource));
    const text = JSON.stringify(openApiV3Document(key, resources));
    const document = { text, hash: createHash('sha512').update(text).digest('hex').toUpperCase() };
    this.#documents.set(key, document);
    return document;
  }
}

const described = (resource: Resource): OpenApiResource => ({
  group: resource.group,
  version: resource.version,
  kind: resource.kind,
  plural: resource.plural,
  namespaced: resource.namespaced,
  schema: resource.schema,
  subresources: [...(resource.status ? ['status'] : []), ...(resource.scale === undefined ? [] : ['scale'])],
  verbs: [...resource.verbs],
});
