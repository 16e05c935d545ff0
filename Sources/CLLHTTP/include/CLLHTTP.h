// What Swift sees of llhttp: a whole head as a table, and a body in runs. llhttp's own callbacks
// stay in C, so that no field costs a call across languages.
#ifndef CLLHTTP_H
#define CLLHTTP_H

#include <stddef.h>
#include <stdint.h>

// One field line, as offsets into the head that was parsed. The value has no outer white space.
typedef struct {
  uint32_t name_at;
  uint32_t name_length;
  uint32_t value_at;
  uint32_t value_length;
} cllhttp_field;

// The most fields a head may have; the caller refuses more before the parser sees them.
#define CLLHTTP_FIELDS_MAX 100

// A parsed head. One table serves every connection: it is read before the next head is parsed.
typedef struct {
  uint32_t target_at;
  uint32_t target_length;
  uint32_t field_count;
  // The length announced; 0 without Content-Length.
  uint64_t content_length;
  uint8_t is_chunked;
  uint8_t keeps_alive;
  // Nothing follows the head: the message is whole.
  uint8_t is_whole;
  cllhttp_field fields[CLLHTTP_FIELDS_MAX];
} cllhttp_head;

// What one look at a body found: at most one run of content, so that the caller copies it once.
typedef struct {
  // How many of the bytes given are used up, the run included.
  size_t consumed;
  // The run within the bytes given; of length 0 when there is none.
  size_t run_at;
  size_t run_length;
  // The last chunk's head was read: what follows in the bytes given are trailers.
  uint8_t reached_trailers;
  uint8_t is_whole;
  // 0, or the parser's verdict on a broken message.
  int32_t error;
} cllhttp_step;

typedef struct cllhttp_parser cllhttp_parser;

// Returns NULL when memory is out.
cllhttp_parser *cllhttp_parser_new(void);
void cllhttp_parser_free(cllhttp_parser *parser);

// Parses one whole head, which ends at the last of `length` bytes; forgets any message before it.
// With `method_end` above 0, the method before that offset is one that llhttp doesn't know; it is
// then told of a POST. Returns 0, llhttp's error, or -1 if the head doesn't end exactly there.
int32_t cllhttp_parse_head(cllhttp_parser *parser, const uint8_t *bytes, size_t length,
                           size_t method_end, cllhttp_head *head);

// Reads on in the body of the message whose head was parsed last.
cllhttp_step cllhttp_parse_body(cllhttp_parser *parser, const uint8_t *bytes, size_t length);

static inline const cllhttp_field *cllhttp_head_fields(const cllhttp_head *head) {
  return head->fields;
}

// The name of a non-zero error above 0, for logs; lives for ever.
const char *cllhttp_error_name(int32_t error);

#endif
