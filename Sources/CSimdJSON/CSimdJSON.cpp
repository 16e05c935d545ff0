// Error codes instead of exceptions: none may cross into Swift.
#define SIMDJSON_EXCEPTIONS 0

#include "CSimdJSON.h"

#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>

// What Package.swift asks for; a build that lost it would work all the same.
#if !__has_feature(address_sanitizer) && !defined(__SSP_STRONG__)
#error "compile with -fstack-protector-strong"
#endif
#if defined(__OPTIMIZE__) && !__has_feature(address_sanitizer) && __USE_FORTIFY_LEVEL < 2
#error "compile with -D_FORTIFY_SOURCE=3"
#endif

using simdjson::dom::document;
using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

struct csimdjson_parser {
  simdjson::dom::parser dom{};
  std::unique_ptr<uint8_t[]> buffer{};
  size_t capacity{0};
  size_t depth_max{0};
};

namespace {

// Below this, growing step by step would cost more calls than the memory is worth.
constexpr size_t capacity_min = 16 * 1024;

// simdjson counts an innermost empty container as no level, so it is allowed one level more than we
// allow, and csimdjson_parser_parse measures what it let through.
constexpr size_t spare_levels = 1;

tape_ref tape_at(csimdjson_element element) noexcept {
  return tape_ref(static_cast<const document *>(element.document), element.index);
}

csimdjson_status status_of(simdjson::error_code code) noexcept {
  switch (code) {
    case simdjson::SUCCESS: return CSIMDJSON_OK;
    case simdjson::EMPTY: return CSIMDJSON_EMPTY;
    case simdjson::DEPTH_ERROR: return CSIMDJSON_TOO_DEEP;
    case simdjson::UTF8_ERROR: return CSIMDJSON_NOT_UTF8;
    case simdjson::STRING_ERROR: return CSIMDJSON_BAD_STRING;
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE: return CSIMDJSON_BAD_NUMBER;
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY: return CSIMDJSON_OUT_OF_MEMORY;
    default: return CSIMDJSON_BAD_SYNTAX;
  }
}

// Whether a container lies deeper than depth_max. The tape ends at the root's closing entry.
bool is_deeper(const document &doc, size_t depth_max) noexcept {
  const size_t end = tape_ref(&doc, 0).matching_brace_index();
  // Every open container needs two entries, so a short tape can't nest that deep.
  if (end <= 2 * depth_max) return false;
  size_t depth = 0;
  for (size_t index = 1; index < end; index++) {
    switch (tape_ref(&doc, index).tape_ref_type()) {
      case tape_type::START_ARRAY:
      case tape_type::START_OBJECT:
        if (++depth > depth_max) return true;
        break;
      case tape_type::END_ARRAY:
      case tape_type::END_OBJECT: depth--; break;
      case tape_type::INT64:
      case tape_type::UINT64:
      case tape_type::DOUBLE: index++; break;  // The next entry is the number itself.
      default: break;
    }
  }
  return false;
}

}  // namespace

csimdjson_parser *csimdjson_parser_create(size_t depth_max) {
  auto *parser = new (std::nothrow) csimdjson_parser;
  if (parser) parser->depth_max = depth_max;
  return parser;
}

void csimdjson_parser_destroy(csimdjson_parser *parser) { delete parser; }

uint8_t *csimdjson_parser_buffer(csimdjson_parser *parser, size_t length) {
  if (parser->buffer && length <= parser->capacity) return parser->buffer.get();
  size_t capacity = capacity_min;
  // Doubling, so that slowly growing documents don't each allocate.
  while (capacity < length) {
    if (capacity > SIZE_MAX / 4) return nullptr;
    capacity *= 2;
  }
  parser->buffer.reset(new (std::nothrow) uint8_t[capacity + simdjson::SIMDJSON_PADDING]);
  parser->capacity = 0;
  if (!parser->buffer) return nullptr;
  if (parser->dom.doc.allocate(capacity) != simdjson::SUCCESS ||
      parser->dom.allocate(capacity, parser->depth_max + spare_levels) != simdjson::SUCCESS) {
    csimdjson_parser_trim(parser, 0);
    return nullptr;
  }
  parser->capacity = capacity;
  return parser->buffer.get();
}

csimdjson_status csimdjson_parser_parse(csimdjson_parser *parser, size_t length,
                                        csimdjson_element *root) {
  if (!parser->buffer || length > parser->capacity) return CSIMDJSON_OUT_OF_MEMORY;
  std::memset(parser->buffer.get() + length, ' ', simdjson::SIMDJSON_PADDING);
  const auto code = parser->dom.parse(parser->buffer.get(), length, false).error();
  if (code != simdjson::SUCCESS) return status_of(code);
  if (is_deeper(parser->dom.doc, parser->depth_max)) return CSIMDJSON_TOO_DEEP;
  *root = csimdjson_element{&parser->dom.doc, 1};  // Entry 0 is the tape's own.
  return CSIMDJSON_OK;
}

void csimdjson_parser_trim(csimdjson_parser *parser, size_t bytes_max) {
  if (parser->capacity > 0 && parser->capacity <= bytes_max) return;
  parser->dom = simdjson::dom::parser();
  parser->buffer.reset();
  parser->capacity = 0;
}

size_t csimdjson_parser_capacity(const csimdjson_parser *parser) { return parser->capacity; }

csimdjson_type csimdjson_element_type(csimdjson_element element) {
  switch (tape_at(element).tape_ref_type()) {
    case tape_type::TRUE_VALUE:
    case tape_type::FALSE_VALUE: return CSIMDJSON_BOOL;
    case tape_type::INT64: return CSIMDJSON_INT64;
    case tape_type::UINT64: return CSIMDJSON_UINT64;
    case tape_type::DOUBLE: return CSIMDJSON_DOUBLE;
    case tape_type::STRING: return CSIMDJSON_STRING;
    case tape_type::START_ARRAY: return CSIMDJSON_ARRAY;
    case tape_type::START_OBJECT: return CSIMDJSON_OBJECT;
    default: return CSIMDJSON_NULL;
  }
}

bool csimdjson_element_string(csimdjson_element element, const uint8_t **start, size_t *length) {
  const auto tape = tape_at(element);
  if (tape.tape_ref_type() != tape_type::STRING) return false;
  *start = reinterpret_cast<const uint8_t *>(tape.get_c_str());
  *length = tape.get_string_length();
  return true;
}

bool csimdjson_element_int64(csimdjson_element element, int64_t *value) {
  const auto tape = tape_at(element);
  if (!tape.is_int64()) return false;
  *value = tape.next_tape_value<int64_t>();
  return true;
}

bool csimdjson_element_uint64(csimdjson_element element, uint64_t *value) {
  const auto tape = tape_at(element);
  if (!tape.is_uint64()) {
    int64_t number = 0;
    if (!csimdjson_element_int64(element, &number) || number < 0) return false;
    *value = static_cast<uint64_t>(number);
    return true;
  }
  *value = tape.next_tape_value<uint64_t>();
  return true;
}

bool csimdjson_element_double(csimdjson_element element, double *value) {
  const auto tape = tape_at(element);
  switch (tape.tape_ref_type()) {
    case tape_type::DOUBLE: *value = tape.next_tape_value<double>(); return true;
    case tape_type::INT64:
      *value = static_cast<double>(tape.next_tape_value<int64_t>());
      return true;
    case tape_type::UINT64:
      *value = static_cast<double>(tape.next_tape_value<uint64_t>());
      return true;
    default: return false;
  }
}

bool csimdjson_element_bool(csimdjson_element element, bool *value) {
  const auto type = tape_at(element).tape_ref_type();
  if (type != tape_type::TRUE_VALUE && type != tape_type::FALSE_VALUE) return false;
  *value = type == tape_type::TRUE_VALUE;
  return true;
}

bool csimdjson_object_find(csimdjson_element object, const uint8_t *key, size_t key_length,
                           csimdjson_element *value) {
  if (tape_at(object).tape_ref_type() != tape_type::START_OBJECT) return false;
  const auto *doc = static_cast<const document *>(object.document);
  const size_t end = csimdjson_end(object);
  size_t index = csimdjson_first(object);
  while (index < end) {
    const tape_ref name(doc, index);
    const tape_ref found(doc, index + 1);
    if (name.get_string_length() == key_length &&
        (key_length == 0 || std::memcmp(name.get_c_str(), key, key_length) == 0)) {
      *value = csimdjson_element{doc, index + 1};
      return true;
    }
    index = found.after_element();
  }
  return false;
}

size_t csimdjson_first(csimdjson_element container) { return container.index + 1; }

size_t csimdjson_end(csimdjson_element container) {
  const auto tape = tape_at(container);
  switch (tape.tape_ref_type()) {
    case tape_type::START_ARRAY:
    case tape_type::START_OBJECT: return tape.matching_brace_index() - 1;
    default: return container.index + 1;  // Nothing to iterate over.
  }
}

size_t csimdjson_after(csimdjson_element element) { return tape_at(element).after_element(); }

size_t csimdjson_member(const void *document, size_t place, const uint8_t **name,
                        size_t *name_length) {
  const auto *doc = static_cast<const simdjson::dom::document *>(document);
  const tape_ref tape(doc, place);
  *name = reinterpret_cast<const uint8_t *>(tape.get_c_str());
  *name_length = tape.get_string_length();
  return tape_ref(doc, place + 1).after_element();
}
