import { type KubeObject, asList, asObject } from '../../object.ts';
import type { FieldError } from '../../schema/index.ts';
import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { age, printer, text, textAt } from './columns.ts';
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
    protocol: withDefault(oneOf('TCP', 'UDP', 'SCTP'), 'TCP'),
    appProtocol: string,
    port: integer,
    targetPort: intOrString,
    nodePort: integer,
  },
  ['port'],
);

function servicePortErrors(service: KubeObject): readonly FieldError[] {
  const spec = asObject(service['spec']);
  const ports = asList(spec['ports']).map((port) => asObject(port));
  const errors: FieldError[] = [];
  if (ports.length === 0 && spec['clusterIP'] !== 'None' && spec['type'] !== 'ExternalName') {
    errors.push({ type: 'FieldValueRequired', field: 'spec.ports', message: 'Required value' });
  }
  for (const [index, { port, name }] of ports.entries()) {
    if (typeof port === 'number' && (port < 1 || port > 65_535)) {
      const message = `Invalid value: ${port}: must be between 1 and 65535, inclusive`;
      errors.push({ type: 'FieldValueInvalid', field: `spec.ports[${index}].port`, message });
    }
    if (ports.length > 1 && (name === undefined || name === '')) {
      errors.push({ type: 'FieldValueRequired', field: `spec.ports[${index}].name`, message: 'Required value' });
    }
  }
  return errors;
}

/** Nothing here allocates addresses, so every Service that asks for none is headless. */
function withTargetPorts(service: KubeObject): KubeObject {
  const spec = asObject(service['spec']);
  const ports = asList(spec['ports']).map((port) => {
    const fields = asObject(port);
    return { ...fields, targetPort: fields['targetPort'] ?? fields['port'] };
  });
  const headless = spec['clusterIP'] === undefined && spec['type'] !== 'ExternalName' ? { clusterIP: 'None' } : {};
  return { ...service, spec: { ...spec, ...headless, ...(ports.length === 0 ? {} : { ports }) } };
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
      type: withDefault(oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'), 'ClusterIP'),
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
      internalTrafficPolicy: withDefault(string, 'Cluster'),
      trafficDistribution: string,
      healthCheckNodePort: integer,
      publishNotReadyAddresses: boolean,
      ipFamilies: listOf(string),
      ipFamilyPolicy: string,
      allocateLoadBalancerNodePorts: boolean,
    }),
    status: object({
      loadBalancer: object({ ingress: listOf(anything) }),
      conditions: conditions({ observedGeneration: integer }),
    }),
  },
  required: ['spec'],
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
  ]),
  strategy: {
    names: 'service',
    prepareCreate: (object) => ({ ...withTargetPorts(object), status: { loadBalancer: {} } }),
    prepareUpdate: withTargetPorts,
    validate: servicePortErrors,
  },
});

const endpoint = object(
  {
    addresses: listOf(string),
    conditions: object({ ready: boolean, serving: boolean, terminating: boolean }),
    hostname: string,
    targetRef: objectReference,
    deprecatedTopology: mapOf(string),
    nodeName: string,
    zone: string,
    hints: anything,
  },
  ['addresses'],
);

const endpointSlice = builtin({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
  description: 'EndpointSlice is a set of endpoints that implement a service.',
  fields: {
    addressType: oneOf('IPv4', 'IPv6', 'FQDN'),
    endpoints: listOf(endpoint),
    ports: listOf(object({ name: string, protocol: withDefault(string, 'TCP'), port: integer, appProtocol: string })),
  },
  required: ['addressType'],
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
    validate: (next, old) =>
      old === undefined || next['addressType'] === old['addressType']
        ? []
        : [
            {
              type: 'FieldValueInvalid',
              field: 'addressType',
              message: `Invalid value: ${JSON.stringify(next['addressType'])}: field is immutable`,
            },
          ],
  },
});

export const networkResources: readonly Resource[] = [service, endpointSlice];
