import type { WadmReply } from '@kasmcloud/wire';

/** What a wadm request asks for, once its subject is understood. */
export type Operation =
  | { readonly kind: 'list'; readonly form: 'reply' | 'bare' }
  | { readonly kind: 'put' | 'history' }
  | { readonly kind: 'get' | 'versions' | 'del' | 'deploy' | 'undeploy' | 'status'; readonly name: string };

const named = ['get', 'versions', 'del', 'deploy', 'undeploy', 'status'] as const;

/** Undefined for what wadm calls an unsupported subject. */
export function readOperation(operation: string, name: string | undefined): Operation | undefined {
  if (operation === 'history' && name !== undefined) return { kind: 'history' };
  if (name === undefined) {
    if (operation === 'put') return { kind: 'put' };
    if (operation === 'get') return { kind: 'list', form: 'reply' };
    return operation === 'list' ? { kind: 'list', form: 'bare' } : undefined;
  }
  const kind = named.find((one) => one === operation);
  return kind === undefined ? undefined : { kind, name };
}

/** A refusal in the shape that the operation's clients decode: they insist on fields that wadm itself forgets. */
export function errorReply(operation: Operation | undefined, message: string): WadmReply {
  const reply = { result: 'error', message } as const;
  switch (operation?.kind) {
    case undefined:
    case 'get':
    case 'status':
    case 'history':
      return reply;
    case 'list':
      return operation.form === 'bare' ? reply : { ...reply, models: [] };
    case 'put':
      return { ...reply, total_versions: 0, current_version: '', name: '' };
    case 'versions':
      return { ...reply, versions: [] };
    case 'del':
      return { ...reply, undeploy: false };
    case 'deploy':
    case 'undeploy':
      return { ...reply, name: operation.name, version: null };
  }
}
