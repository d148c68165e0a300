/* What most guests do: they draw a random number, read their config, write a line to the log, and answer. */
#include "http.h"

IMPORT("wasi:config/store@0.2.0-draft", "get") void config_get(const char *key, size_t length, void *result);
IMPORT("wasi:logging/logging@0.1.0-draft", "log")
void log_line(int32_t level, const char *context, size_t context_length, const char *message, size_t message_length);

IMPORT("wasi:random/random@0.2.0", "get-random-u64") uint64_t random_number(void);

#define DEBUG 1

EXPORT("wasi:http/incoming-handler@0.2.0#handle")
void handle(int32_t request, int32_t out) {
  request_drop(request);
  random_number();
  any_result value;
  config_get("key", 3, &value);
  log_line(DEBUG, "rehearsal", 9, "answered", 8);
  int32_t body = respond(out);
  int32_t stream = open_stream(body);
  stream_write_all(stream, TEXT("ready\n"));
  close_body(body, stream);
  guest_reset();
}
