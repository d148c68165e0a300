/*
 * Answers every HTTP request with "<greeting> from <host> in <region>".
 * The three words come from wasi:config: `greeting` is the actor's own, the other two are what its host says of itself.
 */
#include "http.h"

IMPORT("wasi:config/store@0.2.0-draft", "get") void config_get(const char *key, size_t length, void *result);
IMPORT("wasi:logging/logging@0.1.0-draft", "log")
void log_line(int32_t level, const char *context, size_t context_length, const char *message, size_t message_length);

#define INFO 2

/* result<option<string>, error> in memory; the error case overlays the option and is not read. */
typedef struct {
  uint8_t is_err;
  _Alignas(4) uint8_t is_some;
  _Alignas(4) text value;
} config_result;

/* Appends `before` and the value of `key`; nothing when the key is not set and there is no `fallback`. */
static void append_config(buffer *to, text before, text key, text fallback) {
  config_result found;
  config_get(key.at, key.length, &found);
  text value = !found.is_err && found.is_some ? found.value : fallback;
  if (value.length == 0) return;
  append(to, before);
  append(to, value);
}

EXPORT("wasi:http/incoming-handler@0.2.0#handle")
void handle(int32_t request, int32_t out) {
  request_drop(request);

  buffer line = {0, 0};
  append_config(&line, TEXT(""), TEXT("greeting"), TEXT("hello"));
  append_config(&line, TEXT(" from "), TEXT("kasmcloud.host"), TEXT(""));
  append_config(&line, TEXT(" in "), TEXT("kasmcloud.region"), TEXT(""));
  log_line(INFO, "hello", 5, line.at, line.length);
  append(&line, TEXT("\n"));

  int32_t body = respond(out);
  int32_t stream = open_stream(body);
  stream_write_all(stream, (text){line.at, line.length});
  close_body(body, stream);
  guest_reset();
}
