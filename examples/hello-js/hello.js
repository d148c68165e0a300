import { get } from 'wasi:config/store@0.2.0-draft';
import { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam } from 'wasi:http/types@0.2.12';
import { log } from 'wasi:logging/logging@0.1.0-draft';

/** `<greeting> from <host> in <region>`, as examples/hello says it. */
const line = () => {
  const host = get('kasmcloud.host');
  const region = get('kasmcloud.region');
  return [get('greeting') ?? 'hello', host && `from ${host}`, region && `in ${region}`].filter(Boolean).join(' ');
};

export const incomingHandler = {
  handle(_request, out) {
    const text = line();
    log('info', 'hello-js', text);

    const response = new OutgoingResponse(Fields.fromList([['content-type', new TextEncoder().encode('text/plain')]]));
    const body = response.body();
    ResponseOutparam.set(out, { tag: 'ok', val: response });
    const stream = body.write();
    stream.blockingWriteAndFlush(new TextEncoder().encode(`${text}\n`));
    stream[Symbol.dispose]();
    OutgoingBody.finish(body, undefined);
  },
};
