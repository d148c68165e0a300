/** node:http with nothing behind it, listening on a port that several threads share. */
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const { port, body } = workerData as { readonly port: number; readonly body: string };
const server = createServer((_request, response) => {
  response.writeHead(200);
  response.end(body);
});
server.listen({ port, host: '127.0.0.1', reusePort: true }, () => parentPort?.postMessage('listening', []));
