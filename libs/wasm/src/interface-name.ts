/** The parts of `ns:pkg/iface@version`. */
export interface InterfaceName {
  readonly namespace: string;
  readonly package: string;
  readonly interface: string;
  readonly version: string | undefined;
}

const pattern = /^([^:/@]+):([^/@]+)\/([^@]+)(?:@(.+))?$/;

/** The parts of an interface's name; undefined for a name of another form, such as that of a function of a world. */
export const parseInterfaceName = (name: string): InterfaceName | undefined => {
  const [, namespace, pkg, iface, version] = pattern.exec(name) ?? [];
  if (namespace === undefined || pkg === undefined || iface === undefined) return undefined;
  return { namespace, package: pkg, interface: iface, version };
};

/** Packages that every worker implements itself, with the versions that bind. */
const local: ReadonlyMap<string, RegExp> = new Map([
  ['wasi:io', /^0\.2\./],
  ['wasi:clocks', /^0\.2\./],
  ['wasi:random', /^0\.2\./],
  ['wasi:cli', /^0\.2\./],
  ['wasi:filesystem', /^0\.2\./],
  ['wasi:sockets', /^0\.2\./],
  ['wasi:http', /^0\.2\./],
  // Drafts came under several versions, and in wasmCloud's first WIT under none.
  ['wasi:config', /^0\.2\.|^$/],
  ['wasi:logging', /^0\.1\.|^$/],
  ['wasi:blobstore', /^0\.2\.0-draft$/],
]);

/** `ns:pkg/iface` when the workers themselves are to serve that interface, whatever the links of the component are. */
export const localInterface = (name: string): string | undefined => {
  const parts = parseInterfaceName(name);
  if (parts === undefined) return undefined;
  const pkg = `${parts.namespace}:${parts.package}`;
  return local.get(pkg)?.test(parts.version ?? '') === true ? `${pkg}/${parts.interface}` : undefined;
};
