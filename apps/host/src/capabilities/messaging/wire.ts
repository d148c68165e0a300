import type { WitType } from '@kasmcloud/wrpc';
import { bytes, fallible, option, record, string, u32 } from '../wit.ts';

/** wasmcloud:messaging@0.2.0 `broker-message`, as the bindings and the codec have it. */
export interface BrokerMessage {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly replyTo: string | undefined;
}

const message: WitType = record({ subject: string, body: bytes, 'reply-to': option(string) });

export const CONSUMER = 'wasmcloud:messaging/consumer@0.2.0';
export const HANDLER = 'wasmcloud:messaging/handler@0.2.0';
export const HANDLE_MESSAGE = 'handle-message';

export const consumerFunctions = {
  publish: fallible({ msg: message }, undefined, string),
  request: fallible({ subject: string, body: bytes, 'timeout-ms': u32 }, message, string),
} as const;

export const handleMessage = fallible({ msg: message }, undefined, string);
