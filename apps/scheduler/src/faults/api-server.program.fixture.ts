/** An API server in a process of its own, with its data in a file. Says where it is once it answers. */
import { join } from 'node:path';
import { startTestApiServer } from '@kasmcloud/testing';

const { FAULT_FOLDER: folder = '.', FAULT_PORT: port } = process.env;
const server = await startTestApiServer({
  dataFile: join(folder, 'state.db'),
  tlsDir: folder,
  // A port means that it is there again: its kinds are, too.
  ...(port !== undefined && { port: Number(port), crds: [] }),
});
const { url, caPem, adminToken } = server;
process.send?.({ url, caPem, adminToken, port: server.port, kubeconfig: server.kubeconfig() });
process.once('disconnect', () => process.exit());
