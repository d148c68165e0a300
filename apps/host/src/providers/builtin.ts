/** Providers that are part of the host. */
export type BuiltinName = 'http-server';

/** References that map to a built-in, without tag or digest (DESIGN §7). */
const wellKnown: Readonly<Record<string, BuiltinName>> = {
  'ghcr.io/wasmcloud/http-server': 'http-server',
  'wasmcloud.azurecr.io/httpserver': 'http-server',
  'wasmcloud+builtin://http-server': 'http-server',
};

/** The built-in that serves a provider reference, whatever its tag; undefined for any other provider. */
export function builtinFor(image: string): BuiltinName | undefined {
  const bare = image.replace(/@sha256:[0-9a-f]+$/, '').replace(/(?<=[^/]):[^/:]+$/, '');
  return wellKnown[bare];
}
