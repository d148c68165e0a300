import { type KubeObject, asObject, stringOr } from '../../object.ts';
import type { JsonObject } from '../../schema/json.ts';
import { ageOf } from '../../table/index.ts';
import { type FieldError, invalid, required } from '../../schema/field-error.ts';
import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { type Printer } from '../resource.ts';
import { numberAt, printer, text, textAt } from './columns.ts';
import { integer, microTime, object, objectReference, string, time } from './words.ts';

const series = object({ count: integer, lastObservedTime: microTime });
const source = object({ component: string, host: string });

const selectable = (
  reference: string,
  reporter: string,
): readonly (string | readonly [string, (object: KubeObject) => string])[] => [
  ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
    (field) => [`${reference}.${field}`, (event: KubeObject) => textAt(event, `${reference}.${field}`)] as const,
  ),
  'reason',
  'type',
  reporter,
];

const columns = (reference: string, message: string, last: (event: KubeObject) => string): Printer =>
  printer([
    { name: 'Last Seen', value: (event, now) => ageOf(last(event), now) },
    text('Type', 'type'),
    text('Reason', 'reason'),
    {
      name: 'Object',
      value: (event) => `${textAt(event, `${reference}.kind`).toLowerCase()}/${textAt(event, `${reference}.name`)}`,
    },
    { name: 'Subobject', priority: 1, value: (event) => textAt(event, `${reference}.fieldPath`) },
    { name: 'Source', priority: 1, value: sourceOf },
    { name: 'Message', value: (event) => textAt(event, message).trim() },
    { name: 'First Seen', priority: 1, value: (event, now) => ageOf(firstSeen(event), now) },
    {
      name: 'Count',
      priority: 1,
      value: (event) => numberAt(event, 'count') || numberAt(event, 'deprecatedCount') || 1,
    },
    { name: 'Name', priority: 1, value: ({ metadata }) => metadata.name },
  ]);

const sourceOf = (event: KubeObject): string =>
  textAt(event, 'source.component') ||
  textAt(event, 'deprecatedSource.component') ||
  textAt(event, 'reportingController');

const firstSeen = (event: KubeObject): string =>
  textAt(event, 'firstTimestamp') || textAt(event, 'deprecatedFirstTimestamp') || textAt(event, 'eventTime');

const lastSeen = (event: KubeObject): string =>
  textAt(event, 'series.lastObservedTime') ||
  textAt(event, 'lastTimestamp') ||
  textAt(event, 'deprecatedLastTimestamp') ||
  textAt(event, 'eventTime');

const strategy = { createOnUpdate: true, names: 'subdomain' } as const;

const coreEvent = builtin({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  description: 'Event is a report of an event somewhere in the cluster.',
  fields: {
    involvedObject: objectReference,
    reason: string,
    message: string,
    source,
    firstTimestamp: time,
    lastTimestamp: time,
    count: integer,
    type: string,
    eventTime: microTime,
    series,
    action: string,
    related: objectReference,
    reportingComponent: string,
    reportingInstance: string,
  },
  written: {
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  selectable: [
    ...selectable('involvedObject', 'reportingComponent'),
    ['source', (event) => textAt(event, 'source.component')],
  ],
  printer: columns('involvedObject', 'message', lastSeen),
  strategy: { ...strategy, validate: (event) => namespaceErrors(event, 'involvedObject') },
});

/** The fields of events.k8s.io/v1 that have another name in the core group, where events are stored. */
const renamedFields: readonly (readonly [string, string])[] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
];

const rename = (object: KubeObject, names: ReadonlyMap<string, string>, apiVersion: string): KubeObject =>
  ({
    // The two groups do not write the same fields when they are empty.
    ...Object.fromEntries(
      Object.entries(object)
        .filter(([, value]) => value !== '')
        .map(([key, value]) => [names.get(key) ?? key, value]),
    ),
    apiVersion,
  }) as KubeObject;

const toCore = new Map(renamedFields);
const fromCore = new Map(renamedFields.map(([newer, core]) => [core, newer]));

const newEvent = builtin({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  description: 'Event is a report of an event somewhere in the cluster.',
  fields: {
    eventTime: microTime,
    series,
    reportingController: string,
    reportingInstance: string,
    action: string,
    reason: string,
    regarding: objectReference,
    related: objectReference,
    note: string,
    type: string,
    deprecatedSource: source,
    deprecatedFirstTimestamp: time,
    deprecatedLastTimestamp: time,
    deprecatedCount: integer,
  },
  written: {
    eventTime: null,
    regarding: {},
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  },
  bucket: 'events',
  storage: {
    fromStorage: (object) => rename(object, fromCore, 'events.k8s.io/v1'),
    toStorage: (object) => rename(withReference(object), toCore, 'v1'),
  },
  selectable: selectable('regarding', 'reportingController'),
  printer: columns('regarding', 'note', lastSeen),
  strategy: {
    ...strategy,
    // Both groups share their checks, which know events by the kind of the core group.
    refusedAs: { group: '', kind: 'Event' },
    validate: (event, old) => [
      ...namespaceErrors(event, 'regarding'),
      ...(old === undefined ? newEventErrors(event) : []),
    ],
  },
});

const withReference = (event: KubeObject): KubeObject => ({ ...event, regarding: asObject(event['regarding']) });

/** An event is kept beside what it is about; one about an object without a namespace is in `default`. */
function namespaceErrors(event: KubeObject, reference: string): readonly FieldError[] {
  const about = stringOr(asObject(event[reference])['namespace'], '') || 'default';
  if (about === event.metadata.namespace) return [];
  return [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
}

function newEventErrors(event: JsonObject): readonly FieldError[] {
  // Without a time it is taken for an event of the core group, which needs none of the rest.
  if (event['eventTime'] === null) return [required('eventTime')];
  const needed = ['reportingController', 'reportingInstance', 'action', 'reason'];
  return needed.filter((field) => stringOr(event[field], '') === '').map((field) => required(field));
}

export const eventResources: readonly Resource[] = [coreEvent, newEvent];
