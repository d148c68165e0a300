import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

export interface ScriptedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed when it is JSON, text otherwise; '' when there was none. */
  readonly body: unknown;
}

/** Answers one request in any way it likes: late, in pieces, wrongly, or by cutting the connection. */
export type Answer = (response: ServerResponse, request: ScriptedRequest) => void | Promise<void>;

export interface ScriptedServer {
  readonly url: string;
  /** Every request so far, oldest first. */
  readonly requests: ScriptedRequest[];
  /** How to answer from now on. */
  answer: Answer;
  /** How many connections were opened so far. */
  readonly connections: number;
  /** Cuts every open connection. */
  cut(): void;
  close(): Promise<void>;
}

/** An HTTP server on loopback that answers as a test says, for faults that a good server does not have. */
export async function startScriptedServer(answer: Answer): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  let connections = 0;
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const sent = await text(incoming);
    const { method = '', url = '', headers } = incoming;
    const body: unknown = isJson(headers['content-type']) ? JSON.parse(sent) : sent;
    const request = { method, url, headers, body };
    requests.push(request);
    await scripted.answer(response, request);
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  server.on('connection', () => connections++);
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a listening TCP server has no port');
  const scripted: ScriptedServer = {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    answer,
    get connections() {
      return connections;
    },
    cut: () => server.closeAllConnections(),
    close: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
  return scripted;
}

/** Clients of Kubernetes send JSON under a YAML name when they apply. */
const isJson = (contentType = ''): boolean => /[/+](json|yaml)\b/.test(contentType);

/** An answer of one JSON document. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
