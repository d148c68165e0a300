import { readFile } from 'node:fs/promises';
import { decodeHostData, HOST_DATA_VARIABLE, type HostData } from '@kasmcloud/wire';
import { NotStartedByHostError } from './error.ts';

const MAX_BYTES = 64 * 1_048_576;

/**
 * What the host tells this process: in the file that the environment names, as in containers, or else in a line on
 * standard input.
 *
 * @throws NotStartedByHostError when nothing comes within `timeoutMs`; WireError for anything else than host data
 */
export async function readHostData(
  env: NodeJS.ProcessEnv,
  input: AsyncIterable<unknown> & { destroy(): unknown },
  timeoutMs: number,
): Promise<HostData> {
  const file = env[HOST_DATA_VARIABLE];
  if (file !== undefined && file !== '') return decodeHostData(await readFile(file, 'utf8'));
  const line = await readLine(input, timeoutMs);
  if (line.trim() !== '') return decodeHostData(line);
  throw new NotStartedByHostError(
    `no host data on standard input: a host of KasmCloud or wasmCloud starts this program, or ${HOST_DATA_VARIABLE} names a file with it`,
  );
}

async function readLine(input: AsyncIterable<unknown> & { destroy(): unknown }, timeoutMs: number): Promise<string> {
  const timer = setTimeout(() => input.destroy(), timeoutMs);
  let text = '';
  try {
    for await (const chunk of input) {
      text += String(chunk);
      if (text.includes('\n') || text.length > MAX_BYTES) break;
    }
  } catch {
    // Destroyed: what came is what there is.
  } finally {
    clearTimeout(timer);
    input.destroy();
  }
  return text.split('\n', 1)[0] ?? '';
}
