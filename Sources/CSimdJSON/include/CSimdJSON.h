#pragma once

// A C interface over simdjson's DOM, which is C++ and so out of Swift's reach. It parses from a
// buffer that the parser owns and hands elements out by value. Nothing here throws: simdjson is
// used through its error codes, and every allocation is of the kind that returns null.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What came of a parse. Stable, unlike simdjson's own numbering.
typedef enum csimdjson_status {
  CSIMDJSON_OK = 0,
  CSIMDJSON_EMPTY,
  CSIMDJSON_TOO_DEEP,
  CSIMDJSON_NOT_UTF8,
  CSIMDJSON_BAD_STRING,
  CSIMDJSON_BAD_NUMBER,
  CSIMDJSON_OUT_OF_MEMORY,
  CSIMDJSON_BAD_SYNTAX,
} csimdjson_status;

typedef enum csimdjson_type {
  CSIMDJSON_NULL = 0,
  CSIMDJSON_BOOL,
  CSIMDJSON_INT64,
  // An integer above INT64_MAX.
  CSIMDJSON_UINT64,
  CSIMDJSON_DOUBLE,
  CSIMDJSON_STRING,
  CSIMDJSON_ARRAY,
  CSIMDJSON_OBJECT,
} csimdjson_type;

// Opaque: a simdjson parser, its one document, and the padded buffer they read.
typedef struct csimdjson_parser csimdjson_parser;

// A place in a document. Good until the parser that made it parses again, is trimmed or destroyed.
typedef struct csimdjson_element {
  const void *document;
  size_t index;
} csimdjson_element;

// Null when there is no memory. Containers nest at most depth_max deep.
csimdjson_parser *csimdjson_parser_create(size_t depth_max);
void csimdjson_parser_destroy(csimdjson_parser *parser);

// Room for `length` bytes of input and simdjson's padding; null when there is no memory. Valid
// until the next call of this function or of csimdjson_parser_trim. Ends the current document.
uint8_t *csimdjson_parser_buffer(csimdjson_parser *parser, size_t length);

// Parses the first `length` bytes of the buffer, for which csimdjson_parser_buffer made room.
csimdjson_status csimdjson_parser_parse(csimdjson_parser *parser, size_t length,
                                        csimdjson_element *root);

// Gives all memory back when the buffer has grown beyond `bytes_max`. Ends the current document.
void csimdjson_parser_trim(csimdjson_parser *parser, size_t bytes_max);

// The size of the buffer, without padding.
size_t csimdjson_parser_capacity(const csimdjson_parser *parser);

csimdjson_type csimdjson_element_type(csimdjson_element element);

// Each of these is false, and leaves its results alone, when the element is of another type or its
// number has no such value. The characters of a string are UTF-8, in the document's memory.
bool csimdjson_element_string(csimdjson_element element, const uint8_t **start, size_t *length);
bool csimdjson_element_int64(csimdjson_element element, int64_t *value);
bool csimdjson_element_uint64(csimdjson_element element, uint64_t *value);
bool csimdjson_element_double(csimdjson_element element, double *value);
bool csimdjson_element_bool(csimdjson_element element, bool *value);

// The member called `key` of an object, the first if there are several.
bool csimdjson_object_find(csimdjson_element object, const uint8_t *key, size_t key_length,
                           csimdjson_element *value);

// Iteration over an array or object: from csimdjson_first, by csimdjson_after, to csimdjson_end
// (which is no element). In an object the places alternate: a name, its value, the next name.
size_t csimdjson_first(csimdjson_element container);
size_t csimdjson_end(csimdjson_element container);
size_t csimdjson_after(csimdjson_element element);

// The name at `place` of an object's document, as csimdjson_element_string gives it; returns the
// place of the next name. For going through members in one call each.
size_t csimdjson_member(const void *document, size_t place, const uint8_t **name,
                        size_t *name_length);

#ifdef __cplusplus
}
#endif
