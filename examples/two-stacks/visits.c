/*
 * GET /Ada counts a visit of Ada and answers "Ada: 3 visits, before: Bob". The numbers and the last name are kept in the
 * bucket "default" of wasi:keyvalue; what backs it is for the actor's link to say.
 */
#include "http.h"
#include "path.h"

#define STORE "wasi:keyvalue/store@0.2.0-draft"
#define ATOMICS "wasi:keyvalue/atomics@0.2.0-draft"

/* An error of wasi:keyvalue in memory: its case, and the text of the case `other`. */
typedef struct {
  uint8_t which;
  text other;
} store_error;

/* result<own<bucket>, error> in memory. */
typedef struct {
  uint8_t is_err;
  union {
    int32_t handle;
    store_error error;
  };
} open_result;

/* result<option<list<u8>>, error> in memory. */
typedef struct {
  uint8_t is_err;
  union {
    struct {
      uint8_t is_some;
      text value;
    };
    store_error error;
  };
} get_result;

/* result<_, error> in memory. */
typedef struct {
  uint8_t is_err;
  store_error error;
} set_result;

/* result<u64, error> in memory. */
typedef struct {
  uint8_t is_err;
  union {
    uint64_t sum;
    store_error error;
  };
} increment_result;

IMPORT(STORE, "open") void store_open(const char *name, size_t length, open_result *result);
IMPORT(STORE, "[method]bucket.get") void bucket_get(int32_t bucket, const char *key, size_t length, get_result *result);
IMPORT(STORE, "[method]bucket.set")
void bucket_set(int32_t bucket, const char *key, size_t length, const char *value, size_t value_length, set_result *result);
IMPORT(STORE, "[resource-drop]bucket") void bucket_drop(int32_t bucket);
IMPORT(ATOMICS, "increment")
void increment(int32_t bucket, const char *key, size_t length, uint64_t delta, increment_result *result);

static void append_number(buffer *to, uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  append(to, (text){digits + at, sizeof digits - at});
}

static void append_error(buffer *to, store_error error) {
  append(to, TEXT("the store failed: "));
  if (error.which == 0) append(to, TEXT("no such store"));
  else if (error.which == 1) append(to, TEXT("access denied"));
  else append(to, error.other);
}

static void count_visit(int32_t bucket, text name, buffer *line) {
  increment_result visits;
  increment(bucket, name.at, name.length, 1, &visits);
  if (visits.is_err) return append_error(line, visits.error);
  get_result before;
  bucket_get(bucket, "last", 4, &before);
  if (before.is_err) return append_error(line, before.error);
  set_result kept;
  bucket_set(bucket, "last", 4, name.at, name.length, &kept);
  if (kept.is_err) return append_error(line, kept.error);

  append(line, name);
  append(line, TEXT(": "));
  append_number(line, visits.sum);
  append(line, visits.sum == 1 ? TEXT(" visit, before: ") : TEXT(" visits, before: "));
  append(line, before.is_some ? before.value : TEXT("nobody"));
}

EXPORT("wasi:http/incoming-handler@0.2.0#handle")
void handle(int32_t request, int32_t out) {
  text name = path_after_slash(request);
  request_drop(request);
  if (name.length == 0) name = TEXT("somebody");

  buffer line = {0, 0};
  open_result opened;
  store_open("default", 7, &opened);
  if (opened.is_err) {
    append_error(&line, opened.error);
  } else {
    count_visit(opened.handle, name, &line);
    bucket_drop(opened.handle);
  }
  append(&line, TEXT("\n"));

  int32_t body = respond(out);
  int32_t stream = open_stream(body);
  stream_write_all(stream, (text){line.at, line.length});
  close_body(body, stream);
  guest_reset();
}
