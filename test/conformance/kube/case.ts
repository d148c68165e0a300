import type { JsonObject, JsonValue } from './json.ts';

/**
 * One request and what of its answer is compared. In every string `<ns>` stands for the case's own namespace, which
 * the runner creates, `<group>` for its own API group, and `<name>` for what an earlier step saved under that name.
 */
export interface Step {
  readonly method: string;
  readonly path: string;
  /** An object is sent as JSON; a string as it is. */
  readonly body?: JsonValue;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who asks; the administrator when not told. */
  readonly as?: 'stranger' | 'viewer' | 'nobody';
  /** Name → path in the answer, for later steps. */
  readonly save?: Readonly<Record<string, string>>;
  /** Asked again, for at most 20 s, until it answers so: for what a controller does a moment later. */
  readonly until?: { readonly status?: number; readonly path?: string; readonly is?: JsonValue };
  /** Only prepares: its answer is not compared. */
  readonly unseen?: true;
  /** What of the body is compared; all of it when not told. */
  readonly show?: (body: JsonValue) => JsonValue;
  /** The request is a watch: it is open while the steps `during` run, until that many events were seen. */
  readonly watch?: { readonly events: number; readonly during: readonly Step[] };
}

export interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Cases about one subject, and the one golden file that keeps the real server's answers. */
export interface Suite {
  readonly name: string;
  /** Needs the controllers of a control plane, which an API server alone does not bring. */
  readonly controllers?: true;
  readonly cases: readonly Case[];
}

/** What is compared of one answer, masked. A watch has its events for a body. */
export interface Answer {
  readonly status: number;
  /** When it is not application/json. */
  readonly type?: string;
  readonly warnings?: readonly string[];
  readonly body: JsonValue;
}

type Options = Omit<Step, 'method' | 'path' | 'body'> & { readonly query?: string };

const asking =
  (method: string, contentType?: string) =>
  (path: string, body?: JsonValue, options: Options = {}) =>
    step(method, path, body, contentType, options);

function step(
  method: string,
  path: string,
  body: JsonValue | undefined,
  contentType: string | undefined,
  { query, headers, ...options }: Options,
): Step {
  return {
    method,
    path: query === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`,
    ...(body === undefined ? {} : { body }),
    headers: { ...(contentType === undefined ? {} : { 'content-type': contentType }), ...headers },
    ...options,
  };
}

export const get = (path: string, options: Options = {}): Step => step('GET', path, undefined, undefined, options);
export const create = asking('POST', 'application/json');
export const update = asking('PUT', 'application/json');
export const remove = asking('DELETE', 'application/json');
export const jsonPatch = asking('PATCH', 'application/json-patch+json');
export const mergePatch = asking('PATCH', 'application/merge-patch+json');
export const strategicPatch = asking('PATCH', 'application/strategic-merge-patch+json');

/** Server-side apply as `manager`. */
export function apply(path: string, body: JsonValue, manager: string, options: Options & { force?: true } = {}): Step {
  const { force, query, ...rest } = options;
  const parts = [`fieldManager=${manager}`, ...(force ? ['force=true'] : []), ...(query === undefined ? [] : [query])];
  return step('PATCH', path, body, 'application/apply-patch+yaml', { ...rest, query: parts.join('&') });
}

/** A watch that is open while `during` runs and ends after `events` events. */
export const watch = (path: string, events: number, during: readonly Step[] = [], options: Options = {}): Step =>
  step('GET', `${path}${path.includes('?') ? '&' : '?'}watch=true`, undefined, undefined, {
    ...options,
    watch: { events, during },
  });

export const inNamespace = (plural: string, group = 'v1', name?: string): string =>
  `${group === 'v1' ? '/api/v1' : `/apis/${group}`}/namespaces/<ns>/${plural}${name === undefined ? '' : `/${name}`}`;

export const configMap = (name: string, data: JsonObject = { a: '1' }, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});
