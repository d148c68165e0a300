import { findBucket, type LatticeConnection } from '@kasmcloud/lattice';
import {
  decodeWadmIndex,
  decodeWadmModel,
  wadmIndexKey,
  wadmModelKey,
  wadmModelsBucket,
  WireError,
  type WadmStoredModel,
} from '@kasmcloud/wire';
import { UserError } from '../user-error.ts';

const ANSWER_MS = 10_000;

/** One application as wadm keeps it. */
export interface StoredModel {
  readonly name: string;
  /** The oldest first. */
  readonly versions: readonly { readonly version: string; readonly manifest: object }[];
  readonly deployed: string | undefined;
}

/**
 * What wadm keeps of a lattice, read where it keeps it: nothing is changed, and wadm need not run.
 * @throws UserError where there is no such store, or it cannot be read
 */
export async function readWadmStore(
  connection: LatticeConnection,
  lattice: string,
  { domain, signal }: { readonly domain?: string | undefined; readonly signal: AbortSignal },
): Promise<StoredModel[]> {
  const options = { timeoutMs: ANSWER_MS, signal, ...(domain !== undefined && { domain }) };
  const bucket = await findBucket(connection, wadmModelsBucket, options);
  if (bucket === undefined) {
    throw new UserError(
      `there is no bucket ${wadmModelsBucket} on this NATS server: wadm never ran here, or in another JetStream domain`,
    );
  }
  const index = await bucket.get(wadmIndexKey(lattice), signal);
  if (index?.value === undefined) return [];
  const models: StoredModel[] = [];
  try {
    for (const name of decodeWadmIndex(index.value)) {
      const entry = await bucket.get(wadmModelKey(lattice, name), signal);
      if (entry?.value !== undefined) models.push(modelOf(name, decodeWadmModel(entry.value)));
    }
  } catch (error) {
    if (error instanceof WireError) throw new UserError(`${wadmModelsBucket} of lattice ${lattice}: ${error.message}`);
    throw error;
  }
  return models;
}

function modelOf(name: string, { manifests, deployed_version: deployed }: WadmStoredModel): StoredModel {
  const versions = Object.entries(manifests).map(([version, manifest]) => ({ version, manifest }));
  return { name, versions, deployed: deployed ?? undefined };
}
