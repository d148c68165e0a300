/*
 * Hands a request on to whatever its link for wasi:http/incoming-handler names, if it brings "Authorization: Bearer <token>"
 * with the token of its secrets; answers 401 if not. Neither end knows of it.
 */
#include "http.h"

#define SECRETS "wasmcloud:secrets/store@0.1.0-draft"

/* result<own<secret>, secrets-error> in memory; the error is not read. */
typedef struct {
  uint8_t is_err;
  int32_t handle;
  int32_t rest[2];
} secret_result;

/* secret-value in memory: a string or bytes. */
typedef struct {
  uint8_t is_bytes;
  text value;
} secret_value;

/* list<list<u8>> in memory. */
typedef struct {
  text *at;
  size_t count;
} text_list;

IMPORT(SECRETS, "get") void secret_get(const char *key, size_t length, secret_result *result);
IMPORT(SECRETS, "[resource-drop]secret") void secret_drop(int32_t secret);
IMPORT("wasmcloud:secrets/reveal@0.1.0-draft", "reveal") void secret_reveal(int32_t secret, secret_value *value);
IMPORT(HTTP, "[method]incoming-request.headers") int32_t request_headers(int32_t request);
IMPORT(HTTP, "[method]fields.get") void fields_get(int32_t fields, const char *name, size_t length, text_list *values);
IMPORT(HTTP, "[resource-drop]fields") void fields_drop(int32_t fields);
IMPORT(HTTP, "[method]outgoing-response.set-status-code") int32_t response_set_status(int32_t response, int32_t status);
IMPORT("wasi:http/incoming-handler@0.2.0", "handle") void next_handle(int32_t request, int32_t out);

#define SCHEME TEXT("Bearer ")

/* Whether a text is the scheme and then the token. All of it is looked at: how long that takes tells nothing. */
static bool is_bearer(text found, text token) {
  if (found.length != SCHEME.length + token.length) return false;
  uint8_t difference = 0;
  for (size_t i = 0; i < found.length; i++)
    difference |= (uint8_t)(found.at[i] ^ (i < SCHEME.length ? SCHEME.at[i] : token.at[i - SCHEME.length]));
  return difference == 0;
}

static bool may_pass(int32_t request) {
  secret_result found;
  secret_get("token", 5, &found);
  if (found.is_err) return false;
  secret_value token;
  secret_reveal(found.handle, &token);
  secret_drop(found.handle);

  int32_t headers = request_headers(request);
  text_list values;
  fields_get(headers, "authorization", 13, &values);
  fields_drop(headers);
  return values.count == 1 && is_bearer(values.at[0], token.value);
}

EXPORT("wasi:http/incoming-handler@0.2.0#handle")
void handle(int32_t request, int32_t out) {
  if (may_pass(request)) {
    next_handle(request, out);
  } else {
    int32_t response = response_new(fields_new());
    response_set_status(response, 401);
    request_drop(request);
    outparam_set(out, 0, response, 0, 0, 0, 0, 0, 0);
  }
  guest_reset();
}
