import type { PlainFunction } from './wire.ts';
import type { BlobId, BlobStore } from './store.ts';

/** Runs a function of wrpc:blobstore that has no streams. @throws BlobError and faults of the store */
export async function runBlobstore(
  store: BlobStore,
  func: PlainFunction,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<unknown> {
  // Arguments come from the bindings or the decoder, which have built exactly what the type of the function says.
  const [name] = args as [string];
  const [id, other] = args as [BlobId, BlobId];
  switch (func) {
    case 'clear-container':
      return store.clearContainer(name, signal);
    case 'container-exists':
      return store.hasContainer(name, signal);
    case 'create-container':
      return store.createContainer(name, signal);
    case 'delete-container':
      return store.deleteContainer(name, signal);
    case 'get-container-info':
      return store.containerInfo(name, signal);
    case 'copy-object':
      return store.copyObject(id, other, signal);
    case 'move-object':
      return moveObject(store, id, other, signal);
    case 'delete-object':
      return store.deleteObjects(id.container, [id.object], signal);
    case 'delete-objects':
      return store.deleteObjects(name, args[1] as readonly string[], signal);
    case 'get-object-info':
      return store.objectInfo(id, signal);
    case 'has-object':
      return store.hasObject(id, signal);
  }
}

/** No backend has it at once: what fails in between leaves the object in both places. */
async function moveObject(store: BlobStore, from: BlobId, to: BlobId, signal: AbortSignal): Promise<void> {
  if (from.container === to.container && from.object === to.object) {
    await store.objectInfo(from, signal);
    return;
  }
  await store.copyObject(from, to, signal);
  await store.deleteObjects(from.container, [from.object], signal);
}
