import { configMap, create, get, inNamespace, mergePatch, remove, update, type Case, type Suite } from '../case.ts';
import { isObject, type JsonValue } from '../json.ts';

const path = inNamespace('configmaps');
const json = { headers: { 'content-type': 'application/json' } };

const sent = (
  name: string,
  bodies: readonly JsonValue[],
  headers: Readonly<Record<string, string>> = json.headers,
): Case => ({
  name,
  steps: bodies.map((body) => create(path, body, { headers })),
});

const asked = (name: string, method: string, paths: readonly string[]): Case => ({
  name,
  steps: paths.map((at) => ({ method, path: at, show: refusalOnly })),
});

export const badInput: Suite = {
  name: 'bad-input',
  cases: [
    sent('JSON that is none', [
      '{',
      'x',
      '[]',
      '"text"',
      '1',
      'null',
      '{}',
      '{"a":1}',
      '{"kind":"ConfigMap"}',
      '{"apiVersion":"v1"}',
      '{"apiVersion":1,"kind":"ConfigMap"}',
      '{"apiVersion":"v1","kind":"ConfigMap"} x',
    ]),
    sent('YAML that is none', ['a: b: c', '- a', ': :', 'apiVersion: v1\nkind: ConfigMap\nmetadata: [', '---\n---\n'], {
      'content-type': 'application/yaml',
    }),
    sent('fields of another type', [
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":"x"}',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":1}}',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","labels":[]}}',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","labels":{"a":null}}}',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":[]}',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"immutable":"yes"}',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","creationTimestamp":"yesterday"}}',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","generation":1.5}}',
    ]),
    sent('content types', [configMap('a')], { 'content-type': 'text/plain' }),
    sent('content type with a charset', [configMap('a')], { 'content-type': 'application/json; charset=utf-8' }),
    sent('content type missing', [configMap('a')], { 'content-type': '' }),
    sent('content type of a patch', [configMap('a')], { 'content-type': 'application/merge-patch+json' }),
    sent('no body', [''], json.headers),
    { name: 'a body over 3 MiB', steps: [create(path, configMap('a', { a: 'x'.repeat(3_200_000) }))] },
    { name: 'a body of 2 MiB', steps: [create(path, configMap('a', { a: 'x'.repeat(2_000_000) }))] },
    {
      name: 'a patch over 3 MiB',
      steps: [
        create(path, configMap('a'), { unseen: true }),
        mergePatch(`${path}/a`, { data: { a: 'x'.repeat(3_200_000) } }),
      ],
    },
    {
      name: 'deep nesting',
      steps: [
        create(
          path,
          `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":${'{"a":'.repeat(12_000)}1${'}'.repeat(12_000)}}`,
          json,
        ),
      ],
    },
    asked('methods: of a collection', 'PUT', [path]),
    asked('methods: patch of a collection', 'PATCH', [path]),
    asked('methods: odd ones', 'OPTIONS', [path, `${path}/a`]),
    asked('methods: unknown', 'MKCOL', [path]),
    asked('methods: head', 'HEAD', ['/livez', '/api/v1/namespaces/default']),
    asked('methods: delete of discovery', 'DELETE', ['/api/v1', '/version', '/livez']),
    asked('methods: post to what only reads', 'POST', ['/version', '/api', '/openapi/v3']),
    asked('paths: tricks', 'GET', [
      '//api/v1/namespaces',
      '/api/v1/namespaces/',
      '/api/v1/namespaces/default/',
      '/api/v1/../v1/namespaces',
      '/api/v1/./namespaces',
      '/api/v1/namespaces/%2e%2e',
      '/api/v1/namespaces/default%2Fconfigmaps',
      '/api/v1/namespaces/default/configmaps/a%2Fb',
      '/api/v1/namespaces/default/configmaps/%zz',
      '/api/v1/namespaces/default/configmaps/%00',
      '/api/v1/namespaces//configmaps',
      '/API/v1/namespaces',
      '/api/v1/configmaps/x',
      '/apis//v1/x',
    ]),
    asked('paths: names that no object can have', 'GET', [
      `${path}/A%20B`,
      `${path}/${'a'.repeat(300)}`,
      '/api/v1/namespaces/A_B/configmaps',
      '/api/v1/namespaces/A_B/configmaps/x',
    ]),
    asked('paths: subresources that are not there', 'GET', [
      `${path}/a/status`,
      `${path}/a/scale`,
      `${path}/a/b/c`,
      '/api/v1/namespaces/default/finalize',
      '/api/v1/namespaces/default/nosuch/x/y/z',
    ]),
    asked('queries: booleans and numbers', 'GET', [
      `${path}?watch=maybe&timeoutSeconds=1`,
      `${path}?limit=1.5`,
      `${path}?timeoutSeconds=-x`,
      `${path}?allowWatchBookmarks=x`,
      `${path}?odd=1`,
    ]),
    {
      name: 'writes of what only reads',
      steps: [
        update('/api/v1/namespaces/default/configmaps', configMap('a')),
        create('/api/v1/configmaps', configMap('a')),
        create('/apis/apps/v1/deployments', {}),
        remove('/api/v1/nosuch/x'),
      ],
    },
    {
      name: 'options of another type',
      steps: [
        create(`${path}?dryRun=`, configMap('a')),
        create(`${path}?fieldValidation=strict`, configMap('b')),
        create(`${path}?dryRun=All&dryRun=All`, configMap('c')),
        get(`${path}/a?pretty=x`),
      ],
    },
  ],
};

/** Of what is served only that: the subject here is what is refused. */
function refusalOnly(body: JsonValue): JsonValue {
  return isObject(body) && body['kind'] !== 'Status' ? 'served' : body;
}
