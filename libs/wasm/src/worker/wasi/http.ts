import type { Guest } from '../guest.ts';
import type { Interfaces } from '../interface.ts';
import { Fields } from './fields.ts';
import {
  FutureIncomingResponse,
  IncomingResponse,
  outgoingHandler,
  OutgoingRequest,
  RequestOptions,
} from './http-client.ts';
import { FutureTrailers, IncomingBody, IncomingRequest } from './http-incoming.ts';
import { nextHandler } from './http-next.ts';
import { OutgoingBody, OutgoingResponse, ResponseOutparam } from './http-outgoing.ts';

const types = {
  Fields,
  FutureIncomingResponse,
  FutureTrailers,
  IncomingBody,
  IncomingRequest,
  IncomingResponse,
  OutgoingBody,
  OutgoingRequest,
  OutgoingResponse,
  RequestOptions,
  ResponseOutparam,
  httpErrorCode: () => undefined,
};

export const http = (guest: Guest): Interfaces => ({
  'wasi:http/types': types,
  'wasi:http/outgoing-handler': {
    handle: outgoingHandler(guest),
  },
  'wasi:http/incoming-handler': { handle: nextHandler(guest) },
});
