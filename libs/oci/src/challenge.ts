/** How a registry says, by `WWW-Authenticate`, that it wants to know who asks. */
export type Challenge =
  | {
      readonly scheme: 'bearer';
      readonly realm: string;
      readonly service: string | undefined;
      readonly scope: string | undefined;
    }
  | { readonly scheme: 'basic' };

/** Reads a `WWW-Authenticate` header (RFC 9110 §11.6.1); undefined for what is neither Bearer with a realm nor Basic. */
export function parseChallenge(header: string): Challenge | undefined {
  const scheme = /^\s*([A-Za-z]+)/.exec(header)?.[1]?.toLowerCase();
  if (scheme === 'basic') return { scheme };
  if (scheme !== 'bearer') return undefined;
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of header.matchAll(/([A-Za-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)) {
    parameters.set(name.toLowerCase(), quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1'));
  }
  const realm = parameters.get('realm');
  if (realm === undefined || !URL.canParse(realm)) return undefined;
  return { scheme, realm, service: parameters.get('service'), scope: parameters.get('scope') };
}
