import { errors, type Dispatcher } from 'undici';

/** What a server said to one request, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
}

/**
 * Sends a request and collects its answer, without undici's `request`, which makes a stream of every answer, however small.
 * Rejects with the signal's reason as soon as it aborts, also while no connection stands yet.
 * @param heard called with every part of the answer that arrives
 * @param isRead whether the text of a good answer is wanted; that of a refusal always is
 */
export async function ask(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
  heard: () => void,
  isRead = true,
): Promise<Answer> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const chunks: Buffer[] = [];
  let status = 0;
  let headers: Answer['headers'] = {};
  let connection: Dispatcher.DispatchController | undefined;
  const stop = (): void => {
    connection?.abort(new errors.RequestAbortedError());
    reject(signal.reason);
  };
  signal.addEventListener('abort', stop, { once: true });
  dispatcher.dispatch(request, {
    onRequestStart: (controller) => {
      connection = controller;
      if (signal.aborted) stop();
    },
    onResponseStart: (_, code, received) => {
      heard();
      status = code;
      headers = received;
    },
    onResponseData: (_, chunk) => {
      heard();
      if (isRead || status >= 400) chunks.push(chunk);
    },
    onResponseEnd: () => resolve({ status, headers, text: Buffer.concat(chunks).toString('utf8') }),
    onResponseError: (_, error) => reject(error),
  });
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
