/*
 * GET /to-be-or-not-to-be answers "6 words, 4 distinct, most often: to (2)". The actor counts nothing itself: whoever is
 * at the other end of its link does.
 */
#include "http.h"
#include "path.h"

#define COUNTER "example:words/counter@0.1.0"

/* result<tally, fault> in memory. */
typedef struct {
  uint8_t is_err;
  union {
    struct {
      uint32_t words;
      uint32_t distinct;
      uint8_t has_top;
      text top;
      uint32_t times;
    };
    struct {
      uint8_t fault;
      union {
        uint32_t most;
        text language;
      };
    };
  };
} count_result;

IMPORT(COUNTER, "count")
void count(const char *at, size_t length, const char *language, size_t language_length, count_result *result);

static void append_number(buffer *to, uint32_t number) {
  char digits[10];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  append(to, (text){digits + at, sizeof digits - at});
}

static void append_fault(buffer *to, const count_result *result) {
  if (result->fault == 0) {
    append(to, TEXT("too long: at most "));
    append_number(to, result->most);
    append(to, TEXT(" bytes"));
  } else {
    append(to, TEXT("unknown language: "));
    append(to, result->language);
  }
}

static void append_tally(buffer *to, const count_result *result) {
  append_number(to, result->words);
  append(to, TEXT(" words, "));
  append_number(to, result->distinct);
  append(to, TEXT(" distinct"));
  if (!result->has_top) return;
  append(to, TEXT(", most often: "));
  append(to, result->top);
  append(to, TEXT(" ("));
  append_number(to, result->times);
  append(to, TEXT(")"));
}

EXPORT("wasi:http/incoming-handler@0.2.0#handle")
void handle(int32_t request, int32_t out) {
  text words = path_after_slash(request);
  request_drop(request);

  count_result result;
  count(words.at, words.length, "en", 2, &result);
  buffer line = {0, 0};
  if (result.is_err) append_fault(&line, &result);
  else append_tally(&line, &result);
  append(&line, TEXT("\n"));

  int32_t body = respond(out);
  int32_t stream = open_stream(body);
  stream_write_all(stream, (text){line.at, line.length});
  close_body(body, stream);
  guest_reset();
}
