import { LATTICE_ACCOUNT } from './names.ts';
import type { LinkObject } from './types.ts';

/** A Secret, and the ServiceAccount of its namespace that must be allowed to get it (DESIGN §10). */
export interface SecretReference {
  readonly name: string;
  readonly account: string;
}

/** What `secrets` and `secretAccounts` of a spec say together. */
export const secretReferences = (
  names: readonly string[] | undefined,
  accounts: Readonly<Record<string, string>> | undefined,
): SecretReference[] => (names ?? []).map((name) => ({ name, account: accounts?.[name] ?? LATTICE_ACCOUNT }));

/** The Secrets that a link gives to the ends that have this id. */
export const linkSecrets = ({ spec }: Pick<LinkObject, 'spec'>, id: string): SecretReference[] => [
  ...(spec.source === id ? secretReferences(spec.sourceSecrets, spec.secretAccounts) : []),
  ...(spec.target === id ? secretReferences(spec.targetSecrets, spec.secretAccounts) : []),
];
