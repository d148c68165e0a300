/* GET /Ada answers with the greeting of Ada, in the words of whoever is at the other end of its link. */
#include "http.h"
#include "path.h"

IMPORT("example:greeting/greeter@0.1.0", "greet") void greet(const char *name, size_t length, text *result);

EXPORT("wasi:http/incoming-handler@0.2.0#handle")
void handle(int32_t request, int32_t out) {
  text name = path_after_slash(request);
  request_drop(request);
  if (name.length == 0) name = TEXT("stranger");

  text greeting;
  greet(name.at, name.length, &greeting);

  int32_t body = respond(out);
  int32_t stream = open_stream(body);
  stream_write_all(stream, greeting);
  stream_write_all(stream, TEXT("\n"));
  close_body(body, stream);
  guest_reset();
}
