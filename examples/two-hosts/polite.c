/* The words of a greeting, for whoever is linked to it. */
#include "guest.h"

EXPORT("example:greeting/greeter@0.1.0#greet")
const text *greet(const char *name, size_t length) {
  static text result;
  buffer line = {0, 0};
  append(&line, TEXT("Good day, "));
  append(&line, (text){name, length});
  append(&line, TEXT("."));
  result = (text){line.at, line.length};
  return &result;
}

EXPORT("cabi_post_example:greeting/greeter@0.1.0#greet") void greet_done(const text *result) {
  (void)result;
  guest_reset();
}
