import type { z } from 'zod';
import { WireError } from './error.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const text = new TextEncoder();

/**
 * A JSON payload of the given shape. Unknown fields are dropped, as peers expect.
 * @param what names the payload in errors
 * @throws WireError naming the first field that is wrong
 */
export const decodeJson = <T>(what: string, schema: z.ZodType<T>, bytes: Uint8Array): T => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw new WireError(what, '', 'it is not JSON in UTF-8', { cause: error });
  }
  return checkShape(what, schema, parsed);
};

/** As `decodeJson`, for a value that is parsed already. */
export const checkShape = <T>(what: string, schema: z.ZodType<T>, value: unknown): T => {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const issue = error.issues[0];
  throw new WireError(what, issue?.path.join('.') ?? '', issue?.message ?? 'wrong shape', { cause: error });
};

export const encodeJson = (value: object): Uint8Array => text.encode(JSON.stringify(value));
