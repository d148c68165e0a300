import { openBucket, type LatticeConnection } from '@kasmcloud/lattice';
import { claimsEntry, claimsKeyPrefix, latticeBucket } from '@kasmcloud/wire';

/** Entries read of one lattice at most. */
const LIMIT = 1_000;
const DEADLINE_MS = 1_500;

/**
 * Claims of signed components and providers, as legacy hosts keep them in the lattice's bucket. What KasmCloud hosts run
 * has none. An entry that cannot be read is left out.
 */
export async function readClaims(
  connection: LatticeConnection,
  lattice: string,
  { domain, signal }: { readonly domain: string | undefined; readonly signal: AbortSignal },
): Promise<Record<string, string>[]> {
  const deadline = { timeoutMs: DEADLINE_MS, signal, ...(domain !== undefined && { domain }) };
  const bucket = await openBucket(connection, latticeBucket(lattice), deadline);
  const keys = (await bucket.keys(signal)).filter((key) => key.startsWith(claimsKeyPrefix)).slice(0, LIMIT);
  const entries = await Promise.all(keys.map(async (key) => bucket.get(key, signal)));
  return entries
    .map((entry) => (entry?.value === undefined ? undefined : claimsEntry(entry.value)))
    .filter((claims) => claims !== undefined);
}
