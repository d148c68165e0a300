/** A server in a process of its own, to be killed: prints where it is, as one line of JSON, when it answers. */
import { join } from 'node:path';
import { startApiServer } from '../api-server.ts';

const [folder = '.'] = process.argv.slice(2);
const server = await startApiServer({ dataFile: join(folder, 'data.sqlite'), tlsDir: join(folder, 'tls') });
const { url, caPem, adminToken } = server;
process.stdout.write(`${JSON.stringify({ url, caPem, adminToken })}\n`);
