import { encodeValues, signatureOf, ValueDecoder, type FuncType, type TraceContext } from '@kasmcloud/wrpc';
import type { LatticeConnection } from './connection.ts';
import { publishBytes, publishEnd } from './outgoing.ts';

/**
 * A call whose parameters are all in its first message (see `wrpcHeader.whole`), as plain data: whoever has a connection to
 * the same lattice can answer it, in another thread too.
 */
export interface Letter {
  /**
   * The inbox of the caller, a space, and the encoded parameters, each byte a character: one text goes to another thread for
   * a fifth of what an object with bytes does.
   */
  readonly content: string;
  /** In which trace it was sent. */
  readonly trace: TraceContext | undefined;
}

/** Whether calls of the function can be letters: nothing of them comes or goes later. */
export const canBeLetter = (type: FuncType): boolean => {
  const { paramPaths, resultPaths } = signatureOf(type);
  return paramPaths.length === 0 && resultPaths.length === 0;
};

/** What a letter with that reply subject and those parameters says. */
export const letterContent = (reply: string, { buffer, byteOffset, length }: Uint8Array): string =>
  `${reply} ${Buffer.from(buffer, byteOffset, length).toString('latin1')}`;

/** The parameters. @throws WrpcDecodeError */
export const readLetter = (type: FuncType, content: string): readonly unknown[] => {
  const decoder = new ValueDecoder(signatureOf(type).params);
  decoder.push(Buffer.from(content.slice(content.indexOf(' ') + 1), 'latin1'));
  decoder.end();
  return decoder.values;
};

/**
 * Answers it with a result as `invoke` returns it.
 * @throws WrpcEncodeError, NotConnectedError: then nothing was sent
 */
export const answerLetter = (connection: LatticeConnection, type: FuncType, content: string, result: unknown): void => {
  const { results } = signatureOf(type);
  const { bytes } = encodeValues(results, results.length === 0 ? [] : [result]);
  const base = `${content.slice(0, content.indexOf(' '))}.results`;
  if (bytes.length === 0) publishEnd(connection, base);
  else publishBytes(connection, base, bytes);
};
