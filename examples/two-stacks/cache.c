/*
 * A store before a store: what was read once is kept in the store that the link "near" names, and all that is written goes
 * to the one of the link "default" first. It is right as long as everybody writes through it.
 */
#include "guest.h"

#define BUS "wasmcloud:bus/lattice@2.0.1"
#define STORE "wasi:keyvalue/store@0.2.0-draft"
#define OWN "wrpc:keyvalue/store@0.2.0-draft#"
#define OWN_INCREMENT "wrpc:keyvalue/atomics@0.2.0-draft#increment"

/* result<own<bucket>, error> and result<_, error> in memory. */
typedef struct {
  uint8_t is_err;
  union {
    int32_t handle;
    struct {
      uint8_t which;
      text other;
    } error;
  };
} store_result;

/* result<option<list<u8>>, error> in memory. */
typedef struct {
  uint8_t is_err;
  union {
    struct {
      uint8_t is_some;
      text value;
    };
    struct {
      uint8_t which;
      text other;
    } error;
  };
} get_result;

/* result<u64, error> in memory. */
typedef struct {
  uint8_t is_err;
  union {
    uint64_t sum;
    struct {
      uint8_t which;
      text other;
    } error;
  };
} increment_result;

/* result<_, string> in memory. */
typedef struct {
  uint8_t is_err;
  text error;
} link_result;

IMPORT(BUS, "[constructor]call-target-interface")
int32_t target_new(const char *, size_t, const char *, size_t, const char *, size_t);
IMPORT(BUS, "set-link-name")
void set_link_name(const char *, size_t, const int32_t *targets, size_t count, link_result *);
IMPORT(STORE, "open") void store_open(const char *name, size_t length, store_result *result);
IMPORT(STORE, "[method]bucket.get") void bucket_get(int32_t bucket, const char *key, size_t length, get_result *result);
IMPORT(STORE, "[method]bucket.set")
void bucket_set(int32_t bucket, const char *key, size_t length, const char *value, size_t value_length, store_result *);
IMPORT(STORE, "[method]bucket.delete") void bucket_delete(int32_t bucket, const char *key, size_t length, store_result *);
IMPORT(STORE, "[resource-drop]bucket") void bucket_drop(int32_t bucket);
IMPORT("wasi:keyvalue/atomics@0.2.0-draft", "increment")
void bucket_increment(int32_t bucket, const char *key, size_t length, uint64_t delta, increment_result *result);

#define NEAR TEXT("near")
#define FAR TEXT("default")

/* The bucket of that name in the store that a link leads to, which the calls after this go by. */
static int32_t bucket_in(text link, text name) {
  int32_t target = target_new("wasi", 4, "keyvalue", 8, "store", 5);
  link_result chosen;
  set_link_name(link.at, link.length, &target, 1, &chosen);
  if (chosen.is_err) __builtin_trap();
  store_result opened;
  store_open(name.at, name.length, &opened);
  if (opened.is_err) __builtin_trap();
  return opened.handle;
}

static get_result get_from(text link, text bucket, text key) {
  get_result result;
  int32_t handle = bucket_in(link, bucket);
  bucket_get(handle, key.at, key.length, &result);
  bucket_drop(handle);
  return result;
}

static store_result set_in(text link, text bucket, text key, text value) {
  store_result result;
  int32_t handle = bucket_in(link, bucket);
  bucket_set(handle, key.at, key.length, value.at, value.length, &result);
  bucket_drop(handle);
  return result;
}

static store_result delete_in(text link, text bucket, text key) {
  store_result result;
  int32_t handle = bucket_in(link, bucket);
  bucket_delete(handle, key.at, key.length, &result);
  bucket_drop(handle);
  return result;
}

EXPORT(OWN "get")
get_result *get(char *bucket, size_t bucket_length, char *key, size_t key_length) {
  static get_result result;
  text in = {bucket, bucket_length}, of = {key, key_length};
  result = get_from(NEAR, in, of);
  if (!result.is_err && result.is_some) return &result;
  result = get_from(FAR, in, of);
  if (!result.is_err && result.is_some) set_in(NEAR, in, of, result.value);
  return &result;
}

EXPORT(OWN "set")
store_result *set(char *bucket, size_t bucket_length, char *key, size_t key_length, char *value, size_t length) {
  static store_result result;
  text in = {bucket, bucket_length}, of = {key, key_length};
  result = set_in(FAR, in, of, (text){value, length});
  if (!result.is_err) set_in(NEAR, in, of, (text){value, length});
  return &result;
}

EXPORT(OWN "delete")
store_result *delete_key(char *bucket, size_t bucket_length, char *key, size_t key_length) {
  static store_result result;
  text in = {bucket, bucket_length}, of = {key, key_length};
  result = delete_in(FAR, in, of);
  if (!result.is_err) delete_in(NEAR, in, of);
  return &result;
}

EXPORT(OWN_INCREMENT)
increment_result *increment(char *bucket, size_t bucket_length, char *key, size_t key_length, uint64_t delta) {
  static increment_result result;
  text in = {bucket, bucket_length}, of = {key, key_length};
  int32_t handle = bucket_in(FAR, in);
  bucket_increment(handle, of.at, of.length, delta, &result);
  bucket_drop(handle);
  if (!result.is_err) delete_in(NEAR, in, of);
  return &result;
}

EXPORT("cabi_post_" OWN "get") void get_done(get_result *result) { guest_reset(); }
EXPORT("cabi_post_" OWN "set") void set_done(store_result *result) { guest_reset(); }
EXPORT("cabi_post_" OWN "delete") void delete_done(store_result *result) { guest_reset(); }
EXPORT("cabi_post_" OWN_INCREMENT) void increment_done(increment_result *result) { guest_reset(); }
