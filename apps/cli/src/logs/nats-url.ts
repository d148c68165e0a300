import { resolve } from 'node:path';
import { readState } from '../state/state-file.ts';
import { layoutOf } from '../up/layout.ts';
import { UserError } from '../user-error.ts';

/** Where the lattice's NATS is: as told, or as a running `kasm up` wrote down. @throws {UserError} */
export async function natsUrlOf(
  { natsUrl, state }: { readonly natsUrl?: string; readonly state: string },
  folder: string,
): Promise<string> {
  if (natsUrl !== undefined) return natsUrl;
  const path = resolve(folder, state);
  const found = await readState(layoutOf(path).stateFile);
  if (found === undefined) {
    throw new UserError(`${path} is not the state of a \`kasm up\`: name it with --state, or NATS with --nats-url`);
  }
  return found.natsUrl;
}
