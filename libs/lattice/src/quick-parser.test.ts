import { Kind, Parser, type ParserEvent } from '@nats-io/nats-core/internal';
import { expect, test } from 'vitest';
import { QuickParser } from './quick-parser.ts';

type Told = readonly [kind: number | undefined, ...rest: unknown[]];

/** What a parser tells of chunks, one after another, or why it gives up. */
const told = (Of: typeof Parser, chunks: readonly Uint8Array[]): Told[] => {
  const events: Told[] = [];
  const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();
  const parser = new Of({
    push({ kind, msg, data }: ParserEvent) {
      events.push([kind, text(msg?.subject), text(msg?.reply), msg?.sid, msg?.hdr, msg?.size, text(data)]);
    },
  });
  try {
    for (const chunk of chunks) parser.parse(chunk);
  } catch {
    events.push([undefined]);
  }
  return events;
};

const messages = [
  'MSG a.b 1 5\r\nhello\r\n',
  'MSG a.b 12 _INBOX.x.1 0\r\n\r\n',
  'PING\r\n',
  'HMSG a.b 7 22 27\r\nNATS/1.0\r\nname: one\r\n\r\nhello\r\n',
  'HMSG a.b 7 _INBOX.x.1 12 12\r\nNATS/1.0\r\n\r\n\r\n',
  'MSG grüße.an.alle 3 _INBOX.ü 7\r\n5 \r\n MS\r\n',
  'PONG\r\n',
  "-ERR 'slow'\r\n",
  'msg a.b 1 5\r\nhello\r\n',
  'MSG  a.b\t1  5\r\nhello\r\n',
  'MSG 1 1 1\r\n1\r\n',
  'MSG last 2 4\r\nMSG \r\n',
];
const stream = Buffer.from(messages.join(''));

test('all is told as the client tells it, wherever it is cut', () => {
  const whole = told(Parser, [stream]);
  expect(whole).toHaveLength(messages.length);
  expect(told(QuickParser, [stream])).toEqual(whole);
  for (let at = 1; at < stream.length; at += 1)
    expect(told(QuickParser, [stream.subarray(0, at), stream.subarray(at)])).toEqual(whole);
  expect(
    told(
      QuickParser,
      Array.from(stream, (byte) => Buffer.of(byte)),
    ),
  ).toEqual(whole);
});

test.for([
  'MSG a 1\r\n\r\n',
  'MSG a 1 x\r\n\r\n',
  'MSG a 1 b c 0\r\n\r\n',
  'MSG a x 0\r\n\r\n',
  'HMSG a 1 9 5\r\nhello\r\n',
  'HMSG a 1 5\r\nhello\r\n',
  'MSG a 1 99999999999\r\n',
  'MOO a 1 0\r\n\r\n',
])('%j is as wrong as to the client', (line) => {
  const chunks = [Buffer.from(`MSG a 1 1\r\nx\r\n${line}`)];
  expect(told(QuickParser, chunks)).toEqual(told(Parser, chunks));
  expect(told(QuickParser, chunks)[0]?.[0]).toBe(Kind.MSG);
});
