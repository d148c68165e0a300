import { type KubeObject, asObject, asStrings } from '../../object.ts';
import { type FieldError, invalid, required } from '../../schema/field-error.ts';
import { sameJson } from '../../schema/json.ts';
import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { age, printer, size, text } from './columns.ts';
import {
  boolean,
  bytes,
  conditions,
  listBy,
  listOf,
  localReference,
  mapOf,
  object,
  objectReference,
  string,
  withDefault,
} from './words.ts';

const namespace = builtin({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  description: 'Namespace provides a scope for names.',
  fields: {
    spec: object({ finalizers: listOf(string) }),
    status: object({ phase: string, conditions: conditions() }),
  },
  written: { spec: {}, status: {} },
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  status: true,
  subresources: { finalize: ['update'] },
  selectable: ['status.phase'],
  printer: printer([text('Status', 'status.phase'), age]),
  strategy: {
    names: 'namespace',
    complete: (object) => ({ ...object, metadata: withNameLabel(object.metadata) }),
    prepareCreate: (object) => ({
      ...object,
      spec: { finalizers: [...new Set([...asStrings(asObject(object['spec'])['finalizers']), 'kubernetes'])] },
      status: { phase: 'Active' },
    }),
    // Only the finalize subresource takes a namespace's own finalizers away.
    prepareUpdate: (object, old) => ({ ...object, spec: asObject(old['spec']) }),
  },
});

/** Every namespace carries its name as a label, so that selectors can name it. */
const withNameLabel = (metadata: KubeObject['metadata']): KubeObject['metadata'] =>
  metadata.name === ''
    ? metadata
    : { ...metadata, labels: { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name } };

/** An object that was made immutable keeps its content and stays immutable. */
const keptImmutable =
  (...fields: readonly string[]) =>
  (next: KubeObject, old: KubeObject | undefined): readonly FieldError[] => {
    if (old?.['immutable'] !== true) return [];
    const message = 'Forbidden: field is immutable when `immutable` is set';
    return ['immutable', ...fields]
      .filter((field) => !sameJson(next[field], old[field]))
      .map((field) => ({ type: 'FieldValueForbidden', field, message }));
  };

const configKey = /^[-._a-zA-Z0-9]+$/;

/** Keys become file names, so their alphabet is narrow; the same key may not be both text and bytes. */
function keyErrors(object: KubeObject, ...fields: readonly string[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  const [first = '', ...others] = fields;
  for (const field of fields) {
    for (const key of Object.keys(asObject(object[field]))) {
      if (!configKey.test(key) || key === '.' || key === '..' || key.length > 253) {
        const message =
          `Invalid value: ${JSON.stringify(key)}: a valid config key must consist of alphanumeric characters, '-', '_' or '.' ` +
          "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
        errors.push({ type: 'FieldValueInvalid', field: `${field}[${key}]`, message });
      }
    }
  }
  for (const other of others) {
    for (const key of Object.keys(asObject(object[first])).filter((name) =>
      Object.hasOwn(asObject(object[other]), name),
    )) {
      errors.push(invalid(`${first}[${key}]`, key, `duplicate of key present in ${other}`));
    }
  }
  return [...errors, ...sizeErrors(object, fields)];
}

const maxContentBytes = 1024 * 1024;

function sizeErrors(object: KubeObject, fields: readonly string[]): readonly FieldError[] {
  const values = fields.flatMap((field) => Object.values(asObject(object[field])));
  const bytesHeld = values.reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? Buffer.byteLength(value) : 0),
    0,
  );
  if (bytesHeld <= maxContentBytes) return [];
  return [
    {
      type: 'FieldValueTooLong',
      // A kube-apiserver names no field for what is too much in all of them.
      field: fields.length > 1 ? '[]' : (fields[0] ?? ''),
      message: `Too long: may not be more than ${maxContentBytes} bytes`,
    },
  ];
}

const configMap = builtin({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  namespaced: true,
  description: 'ConfigMap holds configuration data for pods to consume.',
  fields: { data: mapOf(string), binaryData: mapOf(bytes), immutable: boolean },
  printer: printer([{ name: 'Data', value: (object) => dataCount(object, 'data', 'binaryData') }, age]),
  strategy: {
    validate: (next, old) => [
      ...keyErrors(next, 'data', 'binaryData'),
      ...keptImmutable('data', 'binaryData')(next, old),
    ],
  },
});

const dataCount = (object: KubeObject, ...fields: readonly string[]): number =>
  fields.reduce((sum, field) => sum + Object.keys(asObject(object[field])).length, 0);

/** `stringData` is only a way of writing: it ends in `data` as base64 and is not stored. */
function foldStringData(object: KubeObject): KubeObject {
  const { stringData, ...secret } = object;
  if (stringData === undefined) return object;
  const encoded = Object.entries(asObject(stringData)).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  return { ...secret, data: { ...asObject(secret['data']), ...Object.fromEntries(encoded) } };
}

/** The keys that Secrets of well-known types must have. */
const neededKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

function typeErrors(object: KubeObject): readonly FieldError[] {
  const data = asObject(object['data']);
  const type = String(object['type']);
  const missing = (keys: readonly string[]): FieldError[] =>
    keys.filter((key) => !Object.hasOwn(data, key)).map((key) => required(`data[${key}]`));
  if (type !== 'kubernetes.io/basic-auth') return missing(neededKeys[type] ?? []);
  const either = missing(['username', 'password']);
  return either.length === 2 ? either : [];
}

const secret = builtin({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  description: 'Secret holds secret data of a certain type.',
  fields: {
    data: mapOf(bytes),
    stringData: mapOf(string),
    type: withDefault(string, 'Opaque'),
    immutable: boolean,
  },
  selectable: ['type'],
  printer: printer([text('Type', 'type'), size('Data', 'data'), age]),
  strategy: {
    complete: foldStringData,
    validate: (next, old) => [
      ...keyErrors(next, 'data'),
      ...typeErrors(next),
      ...keptImmutable('data')(next, old),
      ...(old === undefined || next['type'] === old['type']
        ? []
        : [
            {
              type: 'FieldValueInvalid' as const,
              field: 'type',
              message: `Invalid value: ${JSON.stringify(next['type'])}: field is immutable`,
            },
          ]),
    ],
  },
});

const serviceAccount = builtin({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  namespaced: true,
  description: 'ServiceAccount is an identity for processes that talk to the API server.',
  fields: {
    secrets: listBy(['name'], { ...objectReference, required: ['name'] }),
    imagePullSecrets: listOf(localReference),
    automountServiceAccountToken: boolean,
  },
  subresources: { token: ['create'] },
  printer: printer([size('Secrets', 'secrets'), age]),
});

export const coreResources: readonly Resource[] = [namespace, configMap, secret, serviceAccount];
