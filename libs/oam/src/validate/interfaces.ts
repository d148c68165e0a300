/** WIT packages that hosts know, by namespace, with their interfaces (wadm's list). */
const known: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  wrpc: {
    blobstore: ['blobstore'],
    keyvalue: ['atomics', 'store'],
    http: ['incoming-handler', 'outgoing-handler'],
  },
  wasi: {
    blobstore: ['blobstore'],
    config: ['runtime'],
    keyvalue: ['atomics', 'store', 'batch', 'watch'],
    http: ['incoming-handler', 'outgoing-handler'],
    logging: ['logging'],
  },
  wasmcloud: { messaging: ['consumer', 'handler'] },
};

/** Whether an interface may be meant: of namespaces that are not on the list, anything may. */
export function isRecognized(namespace: string, packageName: string, interfaceName: string): boolean {
  if (!Object.hasOwn(known, namespace)) return true;
  const packages = known[namespace] ?? {};
  return Object.hasOwn(packages, packageName) && packages[packageName]?.includes(interfaceName) === true;
}
