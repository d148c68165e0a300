/* The part of wasi:http 0.2 with which a C guest answers a request. */
#ifndef HTTP_H
#define HTTP_H

#include "guest.h"

#define HTTP "wasi:http/types@0.2.0"
#define STREAMS "wasi:io/streams@0.2.0"

IMPORT(HTTP, "[constructor]fields") int32_t fields_new(void);
IMPORT(HTTP, "[resource-drop]incoming-request") void request_drop(int32_t request);
IMPORT(HTTP, "[constructor]outgoing-response") int32_t response_new(int32_t headers);
IMPORT(HTTP, "[method]outgoing-response.body") void response_body(int32_t response, void *result);
IMPORT(HTTP, "[static]response-outparam.set")
void outparam_set(int32_t param, int32_t is_err, int32_t value, int32_t, int64_t, int32_t, int32_t, int32_t, int32_t);
IMPORT(HTTP, "[method]outgoing-body.write") void body_write(int32_t body, void *result);
IMPORT(HTTP, "[static]outgoing-body.finish")
void body_finish(int32_t body, int32_t has_trailers, int32_t trailers, void *result);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void stream_write(int32_t stream, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[resource-drop]output-stream") void stream_drop(int32_t stream);

/* result<own<resource>> in memory: one byte that says "error", then the handle. */
typedef struct {
  uint8_t is_err;
  int32_t handle;
} handle_result;

/* Room for result<_, error-code> and result<_, stream-error>; whoever reads only asks whether it is an error. */
typedef struct {
  _Alignas(8) uint8_t is_err;
  uint8_t rest[63];
} any_result;

/* The most that blocking-write-and-flush takes at once. */
#define WRITE_LIMIT 4096

static inline void stream_write_all(int32_t stream, text body) {
  for (size_t at = 0; at < body.length; at += WRITE_LIMIT) {
    size_t left = body.length - at;
    any_result result;
    stream_write(stream, body.at + at, left < WRITE_LIMIT ? left : WRITE_LIMIT, &result);
    if (result.is_err) return;
  }
}

/* Opens a 200 response on `out` and returns the handle of its body. */
static inline int32_t respond(int32_t out) {
  int32_t response = response_new(fields_new());
  handle_result body;
  response_body(response, &body);
  if (body.is_err) __builtin_trap();
  outparam_set(out, 0, response, 0, 0, 0, 0, 0, 0);
  return body.handle;
}

static inline int32_t open_stream(int32_t body) {
  handle_result stream;
  body_write(body, &stream);
  if (stream.is_err) __builtin_trap();
  return stream.handle;
}

/* A body can be finished only after the stream over it is gone. */
static inline void close_body(int32_t body, int32_t stream) {
  stream_drop(stream);
  any_result result;
  body_finish(body, 0, 0, &result);
}

#endif
