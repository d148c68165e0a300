/** Bare pooled clients: they send what they are given and look at nothing but the code of the answer. */
import { Pool } from 'undici';
import type { ApiServer } from './servers.ts';

const CONNECTIONS = 32;

export interface Write {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Of the body. */
  readonly type: string;
  readonly body: string;
}

/** Writes that follow one another; chains are written side by side. */
export type Chain = readonly Write[];

export const post = (path: string, body: object): Write => ({
  method: 'POST',
  path,
  type: 'application/json',
  body: JSON.stringify(body),
});

export const apply = (path: string, manager: string, body: object): Write => ({
  method: 'PATCH',
  path: `${path}?fieldManager=${manager}&force=true`,
  type: 'application/apply-patch+yaml',
  body: JSON.stringify(body),
});

export const merge = (path: string, manager: string, body: object): Write => ({
  method: 'PATCH',
  path: `${path}?fieldManager=${manager}`,
  type: 'application/merge-patch+json',
  body: JSON.stringify(body),
});

export const remove = (path: string): Write => ({ method: 'DELETE', path, type: 'application/json', body: '{}' });

export async function writeAll({ url, caPem, token }: ApiServer, chains: Iterable<Chain>): Promise<void> {
  const pool = new Pool(url, { connections: CONNECTIONS, connect: { ca: caPem }, allowH2: false });
  const left = chains[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next())
      for (const write of next.value) await send(pool, token, write);
  };
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, work));
  } finally {
    await pool.destroy();
  }
}

async function send(pool: Pool, token: string, { method, path, type, body }: Write): Promise<void> {
  const headers = {
    accept: 'application/json',
    'user-agent': 'bench',
    authorization: `Bearer ${token}`,
    'content-type': type,
  };
  const answer = await pool.request({ method, path, headers, body });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
}
