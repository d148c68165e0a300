// Every NATS subject that KasmCloud uses, as wasmCloud 1.x and wadm name them.
import { SubjectError } from './error.ts';

const MAX_LENGTH = 512;

/** One token of a subject: a lattice, an id, a public key. */
const token = (part: string): string => {
  if (!/^[^\s.*>\p{Cc}]+$/u.test(part) || part.length > MAX_LENGTH)
    throw new SubjectError(part, 'it must be one token, without dots, spaces, * and >');
  return part;
};

/** Several tokens: WIT names have dots in their versions. */
const tokens = (part: string): string => {
  if (!/^[^\s.*>\p{Cc}]+(\.[^\s.*>\p{Cc}]+)*$/u.test(part) || part.length > MAX_LENGTH)
    throw new SubjectError(part, 'it must be tokens without spaces, * and >');
  return part;
};

const control = (lattice: string): string => `wasmbus.ctl.v1.${token(lattice)}`;

/** The wasmCloud 1.x control interface. Replies are `CtlResponse`. */
export const controlSubject = {
  /** Scatter: every host answers with `Host`. */
  hostPing: (lattice: string): string => `${control(lattice)}.host.ping`,
  /** One host answers with `HostInventory`. */
  hostGet: (lattice: string, host: string): string => `${control(lattice)}.host.get.${token(host)}`,
  hostStop: (lattice: string, host: string): string => `${control(lattice)}.host.stop.${token(host)}`,
  /** Scatter: hosts that would take it answer, the others are silent. */
  componentAuction: (lattice: string): string => `${control(lattice)}.component.auction`,
  providerAuction: (lattice: string): string => `${control(lattice)}.provider.auction`,
  componentScale: (lattice: string, host: string): string => `${control(lattice)}.component.scale.${token(host)}`,
  componentUpdate: (lattice: string, host: string): string => `${control(lattice)}.component.update.${token(host)}`,
  providerStart: (lattice: string, host: string): string => `${control(lattice)}.provider.start.${token(host)}`,
  providerStop: (lattice: string, host: string): string => `${control(lattice)}.provider.stop.${token(host)}`,
  labelPut: (lattice: string, host: string): string => `${control(lattice)}.label.put.${token(host)}`,
  labelDel: (lattice: string, host: string): string => `${control(lattice)}.label.del.${token(host)}`,
  claimsGet: (lattice: string): string => `${control(lattice)}.claims.get`,
  linkGet: (lattice: string): string => `${control(lattice)}.link.get`,
  linkPut: (lattice: string): string => `${control(lattice)}.link.put`,
  linkDel: (lattice: string): string => `${control(lattice)}.link.del`,
  configPut: (lattice: string, name: string): string => `${control(lattice)}.config.put.${token(name)}`,
  configGet: (lattice: string, name: string): string => `${control(lattice)}.config.get.${token(name)}`,
  configDel: (lattice: string, name: string): string => `${control(lattice)}.config.del.${token(name)}`,
} as const;

/** What a host subscribes to for one of the topics that name it last. */
export const hostControlSubject = (
  lattice: string,
  topic: 'host' | 'component' | 'provider' | 'label',
  host: string,
): string => `${control(lattice)}.${topic}.*.${token(host)}`;

/** What hosts share between them: one of them answers, whichever the queue group gives it to. */
export const sharedControl = (
  lattice: string,
  topic: 'claims' | 'link' | 'config',
): { readonly subject: string; readonly queue: string } => ({
  subject: `${control(lattice)}.${topic}.${{ claims: 'get', link: '*', config: '>' }[topic]}`,
  queue: `${control(lattice)}.${topic}`,
});

/** What follows the lattice in a control subject: `['component', 'scale', 'N…']`. */
export const controlPath = (lattice: string, subject: string): string[] => {
  const prefix = `${control(lattice)}.`;
  return subject.startsWith(prefix) ? subject.slice(prefix.length).split('.') : [];
};

/** Where hosts publish what happened, as CloudEvents; `name` is the last part of the event's type. */
export const eventSubject = (lattice: string, name: string): string => `wasmbus.evt.${token(lattice)}.${token(name)}`;

export const allEventsSubject = (lattice: string): string => `wasmbus.evt.${token(lattice)}.>`;

/** Where a host and the providers it runs talk; `receiver` is a provider's id or key. */
export const rpcSubject = (lattice: string, receiver: string, what: string): string =>
  `wasmbus.rpc.${token(lattice)}.${token(receiver)}.${tokens(what)}`;

/** What wRPC calls a function of an interface: `[method]bucket.get` → `bucket.get`, `[constructor]bucket` → `bucket`. */
export const wrpcFunctionName = (func: string): string => func.replace(/^\[[a-z-]+\]/, '');

/** Where calls of one function of one target are published (protocol 0.0.1). An empty `instance` means the world's root. */
export const wrpcSubject = (lattice: string, target: string, instance: string, func: string): string => {
  const name = tokens(wrpcFunctionName(func));
  const path = instance === '' ? name : `${tokens(instance)}.${name}`;
  return `${token(lattice)}.${token(target)}.wrpc.0.0.1.${path}`;
};

/** Servers of one target share its calls by this queue group. */
export const wrpcQueue = (lattice: string, target: string): string => `${token(lattice)}.${token(target)}`;

/**
 * True for a place in the private inbox of one NATS client. Answers go nowhere else: a reply subject is chosen by whoever
 * asks. Accounts that part their users give each a prefix of its own, such as `_INBOX_alice`.
 */
export const isInbox = (subject: string): boolean => /^_INBOX[\w-]*(\.[^\s.*>\p{Cc}]+)+$/u.test(subject);

const WADM_API = 'wadm.api';

export const wadmSubject = {
  /** All requests of all lattices: what a wadm server subscribes to, in the queue group `queue`. */
  allRequests: `${WADM_API}.>`,
  /** The same where NATS puts the account of whoever asks in front: wadm's multitenant form. */
  allAccountRequests: `*.${WADM_API}.>`,
  queue: 'wadm_server',
  request: (lattice: string, operation: string, name?: string): string =>
    `${WADM_API}.${token(lattice)}.model.${token(operation)}${name === undefined ? '' : `.${token(name)}`}`,
  /** The list of a lattice that nobody can have: to see who answers. */
  probe: `${WADM_API}.Probe.model.get`,
  accountProbe: `Probe.${WADM_API}.Probe.model.get`,
  /** Status of one application, published on every change. */
  status: (lattice: string, application: string): string => `wadm.status.${token(lattice)}.${token(application)}`,
  published: (lattice: string): string => `wadm.evt.${token(lattice)}.manifest_published`,
  unpublished: (lattice: string): string => `wadm.evt.${token(lattice)}.manifest_unpublished`,
} as const;

/** What a wadm request subject says, or, word for word as wadm puts it, why it says nothing. */
export type WadmRequestSubject =
  | {
      readonly kind: 'request';
      /** In the multitenant form. */
      readonly account?: string;
      readonly lattice: string;
      readonly operation: string;
      readonly name: string | undefined;
    }
  | { readonly kind: 'invalid'; readonly reason: string };

const invalid = (reason: string): WadmRequestSubject => ({ kind: 'invalid', reason });

export const parseWadmSubject = (subject: string): WadmRequestSubject => {
  if (subject === WADM_API) return invalid('Expected to find lattice ID');
  if (!subject.startsWith(`${WADM_API}.`)) {
    const dot = subject.indexOf('.');
    const rest = subject.slice(dot + 1);
    if (dot < 1 || !rest.startsWith(`${WADM_API}.`))
      return invalid('Expected to find account ID in multitenant subject');
    const parsed = parseWadmSubject(rest);
    return parsed.kind === 'invalid' ? parsed : { ...parsed, account: subject.slice(0, dot) };
  }
  const [lattice = '', category, operation, name, ...extra] = subject.slice(WADM_API.length + 1).split('.');
  if (lattice === '') return invalid('Expected to find lattice ID');
  if (category !== 'model') return invalid('Expected to find API category');
  if (operation === undefined || operation === '') return invalid('Expected to find operation');
  if (extra.length > 0)
    return invalid(
      'Found extra components of subject, ensure your manifest name consists of only alphanumeric characters, dashes, and underscores.',
    );
  return { kind: 'request', lattice, operation, name };
};
