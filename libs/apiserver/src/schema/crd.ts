import { type VersionPaths, deprecationErrors, versionErrors } from './crd-version.ts';
import { child, forbidden, invalid, item, notSupported, omitted, required } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { label, labelRule } from './dns-label.ts';
import { get, isObject, isTooDeep, maxDepth } from './json.ts';
import type { JsonObject } from './json.ts';
import { objects, text, texts } from './structural.ts';

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const approval = 'api-approved.kubernetes.io';

/**
 * The faults of a CustomResourceDefinition (`apiextensions.k8s.io/v1`), in the words of kube-apiserver. `singular` and
 * `listKind` may be missing: the server fills them in. Conversion webhooks are refused, since this server calls none.
 * Source: k8s.io/apiextensions-apiserver pkg/apis/apiextensions/validation.
 */
export function checkCrd(crd: JsonObject, isUpdate = false): FieldError[] {
  if (isTooDeep(crd)) return [invalid('spec', omitted, `must not be nested more than ${maxDepth} levels`)];
  const spec = get(crd, 'spec');
  if (!isObject(spec)) return [required('spec')];
  const names = get(spec, 'names');
  const versions = objects(get(spec, 'versions'));
  return [
    // The names of a definition cannot change, so an update is only told that.
    ...(isUpdate ? [] : metadataErrors(crd, spec)),
    ...groupErrors(text(spec, 'group')),
    ...scopeErrors(text(spec, 'scope')),
    ...nameErrors(isObject(names) ? names : {}),
    ...versionListErrors(versions),
    ...versions.flatMap((version, index) => [
      ...versionErrors(version, versionPaths(versions, index)),
      ...deprecationErrors(version, child(item('spec.versions', index), 'deprecationWarning')),
    ]),
    ...conversionErrors(get(spec, 'conversion')),
    ...(get(spec, 'preserveUnknownFields') === true ? [preserved] : []),
  ];
}

/** A kube-apiserver keeps what all versions have in common once, and checks it there. */
function versionPaths(versions: readonly JsonObject[], index: number): VersionPaths {
  const at = item('spec.versions', index);
  const isCommon = versions.length === 1 && isObject(get(versions[0] ?? {}, 'schema'));
  if (isCommon) return { schema: 'spec.validation', rest: 'spec' };
  return { schema: child(at, 'schema'), rest: at };
}

const preserved = invalid(
  'spec.preserveUnknownFields',
  true,
  'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
);

function metadataErrors(crd: JsonObject, spec: JsonObject): FieldError[] {
  const metadata = get(crd, 'metadata');
  const names = get(spec, 'names');
  const name = isObject(metadata) ? text(metadata, 'name') : '';
  const group = text(spec, 'group');
  const plural = isObject(names) ? text(names, 'plural') : '';
  const errors: FieldError[] = [];
  if (name !== `${plural}.${group}`) {
    errors.push(invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group'));
  }
  const annotations = isObject(metadata) ? get(metadata, 'annotations') : undefined;
  const approved = isObject(annotations) ? text(annotations, approval) : '';
  if (/(^|\.)(k8s|kubernetes)\.io$/.test(group) && approved === '') {
    const detail = `protected groups must have approval annotation "${approval}", see https://github.com/kubernetes/enhancements/pull/1111`;
    errors.push(required(`metadata.annotations[${approval}]`, detail));
  }
  return errors;
}

function groupErrors(group: string): FieldError[] {
  const at = 'spec.group';
  if (group === '') return [required(at)];
  if (group.length > 253 || !subdomain.test(group)) return [invalid(at, group, subdomainRule)];
  return group.includes('.') ? [] : [invalid(at, group, 'should be a domain with at least one dot')];
}

function scopeErrors(scope: string): FieldError[] {
  if (scope === '') return [required('spec.scope')];
  const scopes = ['Cluster', 'Namespaced'];
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)];
}

function nameErrors(names: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['plural', 'singular'] as const) {
    const value = text(names, name);
    if (value === '') errors.push(required(child('spec.names', name)));
    if (value !== '' && !label.test(value)) errors.push(invalid(child('spec.names', name), value, labelRule));
  }
  for (const name of ['kind', 'listKind'] as const) {
    const value = text(names, name);
    if (value === '') errors.push(required(child('spec.names', name)));
    if (value !== '' && !label.test(value.toLowerCase())) {
      errors.push(
        invalid(child('spec.names', name), value, `may have mixed case, but should otherwise match: ${labelRule}`),
      );
    }
  }
  for (const name of ['shortNames', 'categories'] as const) {
    for (const [index, value] of texts(get(names, name)).entries()) {
      if (!label.test(value)) errors.push(invalid(item(child('spec.names', name), index), value, labelRule));
    }
  }
  const kind = text(names, 'kind');
  if (kind !== '' && kind === text(names, 'listKind')) {
    errors.push(invalid(child('spec.names', 'listKind'), kind, 'kind and listKind may not be the same'));
  }
  return errors;
}

function versionListErrors(versions: JsonObject[]): FieldError[] {
  const at = 'spec.versions';
  const names = versions.map((version) => text(version, 'name'));
  const errors = names.flatMap((name, index) =>
    label.test(name)
      ? []
      : [child(item(at, index), 'name'), ...(versions.length === 1 ? ['spec.version'] : [])].map((field) =>
          invalid(field, name, labelRule),
        ),
  );
  if (new Set(names).size < names.length) errors.push(invalid(at, omitted, 'must contain unique version names'));
  const stored = versions.filter((version) => get(version, 'storage') === true).map((version) => text(version, 'name'));
  if (stored.length !== 1) {
    errors.push(invalid(at, omitted, 'must have exactly one version marked as storage version'));
    const [, second] = stored;
    const why =
      second === undefined ? 'must have at least one stored version' : `must have the storage version ${second}`;
    errors.push(invalid('status.storedVersions', omitted, why));
  }
  return errors;
}

function conversionErrors(conversion: unknown): FieldError[] {
  if (!isObject(conversion)) return [];
  const strategy = get(conversion, 'strategy');
  const at = 'spec.conversion.strategy';
  if (strategy === undefined) return [required(at)];
  if (strategy === 'Webhook') return webhookErrors(conversion);
  return strategy === 'None' ? [] : [notSupported(at, strategy, ['None', 'Webhook'])];
}

/** What a kube-apiserver asks of a webhook comes first; then it is refused. */
function webhookErrors(conversion: JsonObject): FieldError[] {
  const webhook = get(conversion, 'webhook');
  const { clientConfig, conversionReviewVersions } = isObject(webhook) ? webhook : {};
  const errors = [
    ...(isObject(clientConfig)
      ? []
      : [required('spec.conversion.webhookClientConfig', 'required when strategy is set to Webhook')]),
    ...(texts(conversionReviewVersions).length > 0 ? [] : [required('spec.conversion.conversionReviewVersions')]),
  ];
  return errors.length > 0
    ? errors
    : [forbidden('spec.conversion.strategy', 'this server calls no conversion webhooks')];
}
