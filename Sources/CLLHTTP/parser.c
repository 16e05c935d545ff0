#include "CLLHTTP.h"

#include <stdlib.h>
#include <string.h>

#include "llhttp.h"

// What Package.swift asks for; a build that lost it would work all the same.
#if !__has_feature(address_sanitizer) && !defined(__SSP_STRONG__)
#error "compile with -fstack-protector-strong"
#endif
#if defined(__OPTIMIZE__) && !__has_feature(address_sanitizer) && __USE_FORTIFY_LEVEL < 2
#error "compile with -D_FORTIFY_SOURCE=3"
#endif

struct cllhttp_parser {
  llhttp_t state;
  // The bytes and outputs of the call in progress; NULL between calls.
  const char *base;
  cllhttp_head *head;
  cllhttp_step *step;
  uint8_t is_whole;
  uint8_t has_left_head;
};

static cllhttp_parser *owner(llhttp_t *state) { return state->data; }

static int target_read(llhttp_t *state, const char *at, size_t length) {
  cllhttp_head *head = owner(state)->head;
  if (head == NULL) return HPE_USER;
  head->target_at = (uint32_t)(at - owner(state)->base);
  head->target_length = (uint32_t)length;
  return 0;
}

static int field_read(llhttp_t *state, const char *at, size_t length) {
  cllhttp_parser *parser = owner(state);
  if (parser->head == NULL) return 0;  // A trailer: checked by the caller, then dropped.
  if (parser->head->field_count == CLLHTTP_FIELDS_MAX) return HPE_USER;
  cllhttp_field *field = &parser->head->fields[parser->head->field_count];
  field->name_at = (uint32_t)(at - parser->base);
  field->name_length = (uint32_t)length;
  // An empty value has no span of its own.
  field->value_at = field->name_at + field->name_length;
  field->value_length = 0;
  return 0;
}

static int value_read(llhttp_t *state, const char *at, size_t length) {
  cllhttp_parser *parser = owner(state);
  if (parser->head == NULL) return 0;
  if (parser->head->field_count == CLLHTTP_FIELDS_MAX) return HPE_USER;
  while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t')) length -= 1;
  cllhttp_field *field = &parser->head->fields[parser->head->field_count];
  field->value_at = (uint32_t)(at - parser->base);
  field->value_length = (uint32_t)length;
  return 0;
}

static int value_complete(llhttp_t *state) {
  cllhttp_parser *parser = owner(state);
  if (parser->head != NULL) parser->head->field_count += 1;
  return 0;
}

static int head_complete(llhttp_t *state) {
  cllhttp_parser *parser = owner(state);
  // No protocol is upgraded to, so a request that asks for it is an ordinary one
  // (RFC 9110, section 7.8: a server may ignore Upgrade).
  state->upgrade = 0;
  parser->has_left_head = 1;
  if (parser->head == NULL) return -1;
  parser->head->content_length = state->flags & F_CONTENT_LENGTH ? state->content_length : 0;
  parser->head->is_chunked = (state->flags & F_CHUNKED) != 0;
  parser->head->keeps_alive = (uint8_t)llhttp_should_keep_alive(state);
  return 0;
}

static int run_read(llhttp_t *state, const char *at, size_t length) {
  cllhttp_parser *parser = owner(state);
  if (length == 0) return 0;
  if (parser->step == NULL) return HPE_USER;
  parser->step->run_at = (size_t)(at - parser->base);
  parser->step->run_length = length;
  return HPE_PAUSED;
}

static int chunk_started(llhttp_t *state) {
  cllhttp_parser *parser = owner(state);
  if (state->content_length != 0) return 0;
  if (parser->step == NULL) return HPE_USER;
  parser->step->reached_trailers = 1;
  return HPE_PAUSED;
}

static int message_complete(llhttp_t *state) {
  owner(state)->is_whole = 1;
  return HPE_PAUSED;  // What follows belongs to the next message.
}

static const llhttp_settings_t settings = {
    .on_url = target_read,
    .on_header_field = field_read,
    .on_header_value = value_read,
    .on_header_value_complete = value_complete,
    .on_headers_complete = head_complete,
    .on_body = run_read,
    .on_chunk_header = chunk_started,
    .on_message_complete = message_complete,
};

cllhttp_parser *cllhttp_parser_new(void) {
  cllhttp_parser *parser = calloc(1, sizeof *parser);
  if (parser == NULL) return NULL;
  llhttp_init(&parser->state, HTTP_REQUEST, &settings);
  parser->state.data = parser;
  return parser;
}

void cllhttp_parser_free(cllhttp_parser *parser) { free(parser); }

int32_t cllhttp_parse_head(cllhttp_parser *parser, const uint8_t *bytes, size_t length,
                           size_t method_end, cllhttp_head *head) {
  llhttp_reset(&parser->state);
  parser->base = (const char *)bytes;
  parser->head = head;
  parser->is_whole = 0;
  parser->has_left_head = 0;
  head->target_at = 0;
  head->target_length = 0;
  head->field_count = 0;
  llhttp_errno_t error = HPE_OK;
  if (method_end > 0) error = llhttp_execute(&parser->state, "POST", 4);
  if (error == HPE_OK) {
    error = llhttp_execute(&parser->state, parser->base + method_end, length - method_end);
  }
  const char *end = parser->base + length;
  if (error == HPE_PAUSED) {
    int ends_there = parser->is_whole && parser->state.error_pos == end;
    error = ends_there ? HPE_OK : (llhttp_errno_t)-1;
  } else if (error == HPE_OK && !parser->has_left_head) {
    error = (llhttp_errno_t)-1;
  }
  head->is_whole = parser->is_whole;
  parser->base = NULL;
  parser->head = NULL;
  return (int32_t)error;
}

cllhttp_step cllhttp_parse_body(cllhttp_parser *parser, const uint8_t *bytes, size_t length) {
  cllhttp_step step;
  memset(&step, 0, sizeof step);
  llhttp_resume(&parser->state);
  parser->base = (const char *)bytes;
  parser->step = &step;
  llhttp_errno_t error = llhttp_execute(&parser->state, parser->base, length);
  const char *end = parser->base + length;
  if (error == HPE_PAUSED && !parser->is_whole && parser->state.error_pos == end) {
    // The run ends with the bytes given. If the message does too, llhttp says so only when asked
    // to go on.
    llhttp_resume(&parser->state);
    error = llhttp_execute(&parser->state, end, 0);
  }
  if (error == HPE_OK) {
    step.consumed = length;
  } else if (error == HPE_PAUSED) {
    step.consumed = (size_t)(parser->state.error_pos - parser->base);
  } else {
    step.error = (int32_t)error;
  }
  step.is_whole = parser->is_whole;
  parser->base = NULL;
  parser->step = NULL;
  return step;
}

const char *cllhttp_error_name(int32_t error) {
  return error <= 0 ? "HEAD_END" : llhttp_errno_name((llhttp_errno_t)error);
}
