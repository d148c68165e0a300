import { notAcceptable } from '../status.ts';

export interface Wanted {
  /** The others are what `as=Table`, `as=PartialObjectMetadata` and `as=PartialObjectMetadataList` ask for. */
  readonly shape: 'object' | 'table' | 'metadata' | 'metadataList';
  readonly format: 'json' | 'yaml';
  /** Spaces in JSON, for people who read it with curl. */
  readonly pretty: boolean;
}

const produced: readonly string[] = ['application/json', 'application/yaml'];

/** Only built-in kinds have a form in protobuf; it is named, though nothing here is written in it. */
const protobuf = 'application/vnd.kubernetes.protobuf';

/**
 * Chooses what to answer with. Throws a 406 when nothing that the client accepts can be produced.
 * @param custom whether the answer is about a custom resource
 */
export function negotiate(accept: string | undefined, query: URLSearchParams, custom = false): Wanted {
  const pretty = query.get('pretty') === 'true' || query.get('pretty') === '1';
  if (accept === undefined || accept.trim() === '') return { shape: 'object', format: 'json', pretty };
  const clauses = accept.slice(0, maxAccept).split(',');
  for (const clause of clauses.toSorted((a, b) => qualityOf(b) - qualityOf(a))) {
    const wanted = read(clause);
    if (wanted !== undefined) return { ...wanted, pretty };
  }
  throw notAcceptable(custom ? produced : [...produced, protobuf]);
}

/** How much a client likes a type, from 0 to 1. */
const qualityOf = (clause: string): number => Number(/;\s*q=([\d.]+)/.exec(clause)?.[1] ?? 1);

/** Real clients send a few hundred bytes. */
const maxAccept = 4096;

function read(clause: string): Omit<Wanted, 'pretty'> | undefined {
  const [type = '', ...parameters] = clause.split(';').map((part) => part.trim());
  const values = new Map(parameters.map((parameter) => splitOnce(parameter)));
  const format = formatOf(type.toLowerCase());
  if (format === undefined) return undefined;
  const as = values.get('as');
  if (as === undefined) return { shape: 'object', format };
  if (values.get('g') !== 'meta.k8s.io') return undefined;
  if (values.get('v') !== 'v1') return undefined;
  if (as === 'Table') return { shape: 'table', format };
  if (as === 'PartialObjectMetadata') return { shape: 'metadata', format };
  if (as === 'PartialObjectMetadataList') return { shape: 'metadataList', format };
  return undefined;
}

function formatOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}

function splitOnce(parameter: string): [string, string] {
  const at = parameter.indexOf('=');
  return at < 0 ? [parameter, ''] : [parameter.slice(0, at).trim(), parameter.slice(at + 1).trim()];
}
