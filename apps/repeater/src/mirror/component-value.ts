import { checkShape, decodeJson, encodeJson, link as linkShape, WireError, type Link } from '@kasmcloud/wire';
import { z } from 'zod';

/** One link as it stands in a bucket. */
export interface StoredLink {
  /** Everything that was there, fields that we do not know too. */
  readonly raw: unknown;
  /** Undefined for what cannot be read as a link of this source. */
  readonly link: Link | undefined;
}

/** The value of a component's key: its links, and what else hosts keep there. */
export interface ComponentValue {
  readonly rest: Readonly<Record<string, unknown>>;
  readonly links: readonly StoredLink[];
}

const shape = z.looseObject({ links: z.array(z.unknown()).max(10_000).default([]) });

/** Undefined for what is no such value: nobody can read it, so that nothing is lost when it is written over. */
export function readComponent(source: string, bytes: Uint8Array): ComponentValue | undefined {
  try {
    const { links, ...rest } = decodeJson('component spec', shape, bytes);
    return { rest, links: links.map((raw) => ({ raw, link: readLink(source, raw) })) };
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function readLink(source: string, raw: unknown): Link | undefined {
  try {
    const link = checkShape('link', linkShape, raw);
    return link.source_id === source ? link : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** What a host writes for a source that nothing is known of but its links. */
export const newComponent: ComponentValue = { rest: { url: '' }, links: [] };

export const encodeComponent = ({ rest, links }: ComponentValue): Uint8Array =>
  encodeJson({ ...rest, links: links.map(({ raw }) => raw) });
