// gumbo 0.10.1 made fit for hostile input: its memory, its time and its stack are bounded from outside.
#ifndef MAILBRIDGE_CGUMBO_H
#define MAILBRIDGE_CGUMBO_H

#include <gumbo.h>

typedef struct mb_gumbo_document mb_gumbo_document;

// Parses a whole document. NULL where the tree needs more than `memory` octets or more than `milliseconds` of processor
// time, or where the system gives no memory or no thread.
mb_gumbo_document *mb_gumbo_parse(const char *text, size_t length, size_t memory, unsigned milliseconds);

// The html element; NULL where there is none.
const GumboNode *mb_gumbo_root(const mb_gumbo_document *document);

void mb_gumbo_free(mb_gumbo_document *document);

#endif
