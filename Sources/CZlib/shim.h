// zlib, and functions in place of its function-like macros, which the Swift importer cannot see.
#ifndef MAILBRIDGE_CZLIB_H
#define MAILBRIDGE_CZLIB_H

#include <zlib.h>

static inline int mb_inflate_init(z_stream *stream, int window_bits) { return inflateInit2(stream, window_bits); }

static inline int mb_deflate_init(z_stream *stream, int level, int window_bits, int memory_level) {
  return deflateInit2(stream, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY);
}

#endif
