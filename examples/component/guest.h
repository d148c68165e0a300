/*
 * What a C guest needs to be a component without a libc: an allocator that lives for one call, and strings.
 * The canonical ABI names (cabi_realloc, cabi_post_*) are those of the Component Model specification.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

typedef struct {
  const char *at;
  size_t length;
} text;

#define TEXT(literal) ((text){literal, sizeof(literal) - 1})

extern unsigned char __heap_base;
static uintptr_t guest_top;

/* The host never calls an instance twice at once, so all memory of a call can go when the call ends. */
static inline void guest_reset(void) { guest_top = 0; }

EXPORT("cabi_realloc")
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  if (guest_top == 0) guest_top = (uintptr_t)&__heap_base;
  uintptr_t at = (guest_top + align - 1) & ~(uintptr_t)(align - 1);
  uintptr_t end = at + size;
  uintptr_t have = __builtin_wasm_memory_size(0) << 16;
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + 0xffff) >> 16) == (size_t)-1) __builtin_trap();
  guest_top = end;
  for (size_t i = 0; i < old_size && i < size; i++) ((char *)at)[i] = ((const char *)old)[i];
  return (void *)at;
}

/* Text that grows at its end. */
typedef struct {
  char *at;
  size_t length;
} buffer;

static inline void append(buffer *to, text what) {
  char *at = cabi_realloc(to->at, to->length, 1, to->length + what.length);
  for (size_t i = 0; i < what.length; i++) at[to->length + i] = what.at[i];
  to->at = at;
  to->length += what.length;
}

#endif
