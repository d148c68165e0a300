/** Secrets by name: text, or bytes for what is no text. */
export type Secrets = Readonly<Record<string, string | Uint8Array>>;

/** A link of this provider, seen from its end. */
export interface Link {
  /** `target`: the peer may call this provider. `source`: this provider may call the peer. */
  readonly role: 'source' | 'target';
  /** Id of the actor or provider at the other end. */
  readonly peer: string;
  readonly name: string;
  readonly namespace: string;
  readonly package: string;
  readonly interfaces: readonly string[];
  /** Config of this end. */
  readonly config: Readonly<Record<string, string>>;
  /** Secrets of this end. */
  readonly secrets: Secrets;
}

/** What is done with a link that is there, or no longer there. What it throws is reported; the link stays as it is. */
export interface LinkHandlers {
  readonly linkAdded?: ((link: Link) => void | Promise<void>) | undefined;
  readonly linkRemoved?: ((link: Link) => void | Promise<void>) | undefined;
}
