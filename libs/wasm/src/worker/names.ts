import { camelCase } from '@kasmcloud/wrpc';

/** Where the generated bindings look for a function of an interface. */
export type Member =
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'constructor'; readonly resource: string }
  | { readonly kind: 'method' | 'static'; readonly resource: string; readonly name: string };

const annotated = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/;

/** `[method]output-stream.check-write` → method `checkWrite` of class `OutputStream`. */
export const memberOf = (func: string): Member => {
  const [, kind, resource, name] = annotated.exec(func) ?? [];
  if (resource === undefined) return { kind: 'function', name: camelCase(func) };
  if (kind === 'constructor') return { kind, resource: className(resource) };
  return { kind: kind === 'static' ? 'static' : 'method', resource: className(resource), name: camelCase(name ?? '') };
};

export const className = (resource: string): string => {
  const camel = camelCase(resource);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
};
