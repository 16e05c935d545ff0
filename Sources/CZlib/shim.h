#pragma once
#include <string.h>
#include <zlib.h>

// deflateInit2 and inflateInit are macros, which Swift doesn't see.

static inline int czlib_deflate_init(z_stream *stream, int level, int window_bits, int mem_level) {
    memset(stream, 0, sizeof *stream);
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, mem_level, Z_DEFAULT_STRATEGY);
}

static inline int czlib_inflate_init(z_stream *stream) {
    memset(stream, 0, sizeof *stream);
    return inflateInit(stream);
}
