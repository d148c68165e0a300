export { ValueDecoder, type DecodeOptions, type OpenAsync } from './decode.ts';
export { StreamDecoder } from './decode-stream.ts';
export { encodeFuture, encodeStreamChunk, encodeValues, type Encoded, type PendingValue } from './encode.ts';
export { WrpcDecodeError, WrpcEncodeError, WrpcTypeError } from './error.ts';
export {
  httpErrorCode,
  httpFields,
  httpIncomingHandle,
  httpMethod,
  httpOutgoingHandle,
  httpRequest,
  httpRequestOptions,
  httpResponse,
  httpScheme,
} from './http.ts';
export {
  fromWitRequest,
  fromWitResponse,
  toWitRequest,
  toWitResponse,
  type HttpErrorCode,
  type HttpHeader,
  type HttpRequest,
  type HttpResponse,
  type ReceivedHttp,
  type WitRequest,
  type WitResponse,
} from './http-message.ts';
export { camelCase } from './name.ts';
export type { DecodeLimits } from './reader.ts';
export { signatureOf, type Signature } from './signature.ts';
export { UnderWay } from './under-way.ts';
export type { FuncType, PrimitiveKind, WitCase, WitField, WitType } from './wit-type.ts';
export {
  TRACE_PARENT,
  TRACE_STATE,
  traceContextIn,
  traceContextOf,
  traceHeaders,
  traceIdOf,
  withTraceContext,
  type TraceContext,
} from './trace-context.ts';
