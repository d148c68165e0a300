/** The functions of wasi:blobstore that ask the host, as `interface#function`. */
export const waitingBlobFunctions: readonly string[] = [
  ...['create-container', 'get-container', 'delete-container', 'container-exists', 'copy-object', 'move-object'].map(
    (name) => `wasi:blobstore/blobstore#${name}`,
  ),
  ...['info', 'get-data', 'list-objects', 'delete-object', 'delete-objects', 'has-object', 'object-info', 'clear'].map(
    (name) => `wasi:blobstore/container#[method]container.${name}`,
  ),
  ...['read', 'skip'].map((verb) => `wasi:blobstore/container#[method]stream-object-names.${verb}-stream-object-names`),
  'wasi:blobstore/types#[static]outgoing-value.finish',
  'wasi:blobstore/types#[static]incoming-value.incoming-value-consume-sync',
  'wasi:blobstore/types#[method]incoming-value.size',
];

const waitingOnFiles =
  'sync-data sync set-size set-times read write read-directory create-directory-at stat stat-at set-times-at open-at ' +
  'remove-directory-at rename-at unlink-file-at metadata-hash metadata-hash-at';

/** The functions of wasi:filesystem that wait for the host or the disk. */
export const waitingFileFunctions: readonly string[] = [
  'wasi:filesystem/preopens#get-directories',
  'wasi:filesystem/types#[method]directory-entry-stream.read-directory-entry',
  ...waitingOnFiles.split(' ').map((name) => `wasi:filesystem/types#[method]descriptor.${name}`),
];
