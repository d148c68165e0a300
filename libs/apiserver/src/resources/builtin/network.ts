import { isIPv4, isIPv6 } from 'node:net';
import { type KubeObject, asList, asObject, asStrings } from '../../object.ts';
import { type FieldError, duplicate, invalid, notSupported, required } from '../../schema/field-error.ts';
import { nameProblems } from '../../names.ts';
import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { age, pairs, printer, text, textAt } from './columns.ts';
import { writing } from './written.ts';
import {
  anything,
  boolean,
  conditions,
  intOrString,
  integer,
  listBy,
  listOf,
  mapOf,
  object,
  objectReference,
  oneOf,
  string,
  withDefault,
} from './words.ts';

const servicePort = object(
  {
    name: string,
    protocol: withDefault(oneOf('SCTP', 'TCP', 'UDP'), 'TCP'),
    appProtocol: string,
    port: integer,
    targetPort: intOrString,
    nodePort: integer,
  },
  ['port'],
);

function serviceErrors(service: KubeObject): readonly FieldError[] {
  const spec = asObject(service['spec']);
  const ports = asList(spec['ports']).map((port) => asObject(port));
  const errors: FieldError[] = Object.entries(asObject(spec['selector'])).flatMap(([key, value]) => [
    ...nameProblems('qualified', key).map((why) => invalid('spec.selector', key, why)),
    ...nameProblems('labelValue', String(value)).map((why) => invalid('spec.selector', value, why)),
  ]);
  if (ports.length === 0 && spec['clusterIP'] !== 'None' && spec['type'] !== 'ExternalName') {
    errors.push({ type: 'FieldValueRequired', field: 'spec.ports', message: 'Required value' });
  }
  for (const [index, { port, targetPort, name }] of ports.entries()) {
    for (const [field, value] of Object.entries({ port, targetPort })) {
      if (typeof value !== 'number' || (value >= 1 && value <= 65_535)) continue;
      errors.push(invalid(`spec.ports[${index}].${field}`, value, 'must be between 1 and 65535, inclusive'));
    }
    if (name !== undefined && ports.slice(0, index).some((other) => other['name'] === name)) {
      errors.push(duplicate(`spec.ports[${index}].name`, name));
    }
    if (ports.length > 1 && (name === undefined || name === '')) {
      errors.push({ type: 'FieldValueRequired', field: `spec.ports[${index}].name`, message: 'Required value' });
    }
  }
  return errors;
}

function withTargetPorts(service: KubeObject): KubeObject {
  const spec = asObject(service['spec']);
  const ports = asList(spec['ports']).map((port) => {
    const fields = asObject(port);
    return { ...fields, targetPort: fields['targetPort'] ?? fields['port'] };
  });
  const policy = spec['type'] === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' };
  return { ...service, spec: { ...policy, ...spec, ...(ports.length === 0 ? {} : { ports }) } };
}

/** The address stays for the life of a Service. Nothing here routes to it: clients want to see that it has one. */
function withAddresses(service: KubeObject, old?: KubeObject): KubeObject {
  const spec = asObject(service['spec']);
  if (spec['type'] === 'ExternalName') return service;
  const clusterIP = spec['clusterIP'] ?? asObject(old?.['spec'])['clusterIP'] ?? addressOf(service);
  const isDual = clusterIP === 'None' && spec['selector'] === undefined;
  return {
    ...service,
    spec: {
      ...spec,
      clusterIP,
      clusterIPs: spec['clusterIPs'] ?? [clusterIP],
      ipFamilies: spec['ipFamilies'] ?? (isDual ? ['IPv4', 'IPv6'] : ['IPv4']),
      ipFamilyPolicy: spec['ipFamilyPolicy'] ?? (isDual ? 'RequireDualStack' : 'SingleStack'),
    },
  };
}

/** An address of 10.0.0.0/8 out of the Service's name (FNV-1a). Two Services may share one. */
function addressOf({ metadata }: KubeObject): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${metadata.namespace ?? ''}/${metadata.name}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return `10.${(hash >>> 16) & 0xff}.${(hash >>> 8) & 0xff}.${hash & 0xff}`;
}

const service = builtin({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  description: 'Service is a named abstraction of software service.',
  fields: {
    spec: object({
      ports: listBy(['port', 'protocol'], servicePort),
      selector: { ...mapOf(string), 'x-kubernetes-map-type': 'atomic' },
      type: withDefault(oneOf('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'), 'ClusterIP'),
      clusterIP: string,
      clusterIPs: listOf(string),
      externalIPs: listOf(string),
      externalName: string,
      sessionAffinity: withDefault(string, 'None'),
      sessionAffinityConfig: anything,
      loadBalancerIP: string,
      loadBalancerSourceRanges: listOf(string),
      loadBalancerClass: string,
      externalTrafficPolicy: string,
      internalTrafficPolicy: string,
      trafficDistribution: string,
      healthCheckNodePort: integer,
      publishNotReadyAddresses: boolean,
      ipFamilies: listOf(string),
      ipFamilyPolicy: string,
      allocateLoadBalancerNodePorts: boolean,
    }),
    status: writing(
      object({
        loadBalancer: object({ ingress: listOf(anything) }),
        conditions: conditions({ observedGeneration: integer }),
      }),
      { loadBalancer: {} },
    ),
  },
  written: { spec: {}, status: {} },
  status: true,
  selectable: ['spec.clusterIP', 'spec.type'],
  printer: printer([
    text('Type', 'spec.type'),
    { name: 'Cluster-IP', value: (object) => textAt(object, 'spec.clusterIP') || '<none>' },
    { name: 'External-IP', value: (object) => textAt(object, 'spec.externalName') || '<none>' },
    {
      name: 'Port(s)',
      value: (object) =>
        asList(asObject(object['spec'])['ports'])
          .map((port) => asObject(port))
          .map(({ port, protocol }) => `${String(port)}/${String(protocol)}`)
          .join(',') || '<none>',
    },
    age,
    { name: 'Selector', priority: 1, value: (object) => pairs(asObject(object['spec'])['selector']) },
  ]),
  strategy: {
    names: 'serviceLabel',
    returnsDeleted: true,
    complete: withTargetPorts,
    prepareCreate: (object) => ({ ...withAddresses(object), status: { loadBalancer: {} } }),
    prepareUpdate: withAddresses,
    validate: serviceErrors,
  },
});

const endpoint = writing(
  object({
    addresses: listOf(string),
    conditions: object({ ready: boolean, serving: boolean, terminating: boolean }),
    hostname: string,
    targetRef: objectReference,
    deprecatedTopology: mapOf(string),
    nodeName: string,
    zone: string,
    hints: anything,
  }),
  { addresses: null, conditions: {} },
);

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];

function addressErrors(slice: KubeObject): readonly FieldError[] {
  const type = slice['addressType'];
  const checked = { IPv4: isIPv4, IPv6: isIPv6, FQDN: isName }[String(type)];
  const errors: FieldError[] = asList(slice['endpoints']).flatMap((item, index) => {
    const at = `endpoints[${index}].addresses`;
    const addresses = asStrings(asObject(item)['addresses']);
    if (addresses.length === 0) return [required(at, 'must contain at least 1 address')];
    const why = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
    return addresses.flatMap((address, place) =>
      checked === undefined || checked(address) ? [] : [invalid(`${at}[${place}]`, address, why)],
    );
  });
  if (type === '') return [...errors, required('addressType')];
  return checked === undefined ? [...errors, notSupported('addressType', type, addressTypes)] : errors;
}

const isName = (text: string): boolean => nameProblems('subdomain', text).length === 0;

const endpointSlice = builtin({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
  description: 'EndpointSlice is a set of endpoints that implement a service.',
  fields: {
    addressType: string,
    endpoints: listOf(endpoint),
    ports: listOf(object({ name: string, protocol: withDefault(string, 'TCP'), port: integer, appProtocol: string })),
  },
  written: { addressType: '', endpoints: null, ports: null },
  printer: printer([
    text('AddressType', 'addressType'),
    {
      name: 'Ports',
      value: (object) =>
        asList(object['ports'])
          .map((port) => JSON.stringify(asObject(port)['port'] ?? '*'))
          .join(',') || '<unset>',
    },
    {
      name: 'Endpoints',
      value: (object) =>
        asList(object['endpoints'])
          .flatMap((endpoint) => asList(asObject(endpoint)['addresses']).map(String))
          .join(',') || '<unset>',
    },
    age,
  ]),
  strategy: {
    generation: true,
    validate: (next, old) => [
      ...addressErrors(next),
      ...(old === undefined || next['addressType'] === old['addressType']
        ? []
        : [invalid('addressType', next['addressType'], 'field is immutable')]),
    ],
  },
});

export const networkResources: readonly Resource[] = [service, endpointSlice];
