import type { LatticeConnection } from '@kasmcloud/lattice';
import { wadmSubject } from '@kasmcloud/wire';
import { masked } from '../masked.ts';
import { readWadmManifest } from './manifests.ts';

/** A request to the wadm API, and the reply to it. */
export interface WadmExchange {
  /** Operation, and the name of the application where one is meant. */
  readonly ask: string;
  /** A manifest of the folder beside this file, with another version if need be; or the body itself. */
  readonly manifest?: string;
  readonly version?: string;
  readonly body?: string;
  readonly contentType?: string;
  /** A text that ends in `…` stands for any that begins so; `…` alone for any value. */
  readonly reply: unknown;
  /** Where wadm 0.21 answers otherwise: how, and why we do not. */
  readonly wadm?: { readonly reply: unknown; readonly because: string };
}

export interface WadmScenario {
  readonly name: string;
  /** One after the other; what a scenario puts it deletes. */
  readonly exchanges: readonly WadmExchange[];
}

/** Asks as wash does, and gives the reply with what the expected one leaves open made equal to it. */
export async function exchangeWadm(
  connection: LatticeConnection,
  lattice: string,
  exchange: WadmExchange,
  expected: unknown,
): Promise<unknown> {
  const [operation = '', name] = exchange.ask.split(' ');
  const { manifest, version, body = '', contentType } = exchange;
  const text = manifest === undefined ? body : await readWadmManifest(manifest);
  const sent = version === undefined ? text : text.replace('v0.0.1', version);
  const answer = await connection.request(
    wadmSubject.request(lattice, operation, name),
    new TextEncoder().encode(sent),
    {
      timeoutMs: 20_000,
      ...(contentType !== undefined && { headers: { 'Content-Type': contentType } }),
    },
  );
  return masked(JSON.parse(new TextDecoder().decode(answer.data)), expected);
}
