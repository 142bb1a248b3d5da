// libidn's stringprep, and a function in place of its profile table, which the Swift importer sees as an array without length.
#ifndef MAILBRIDGE_CIDN_H
#define MAILBRIDGE_CIDN_H

#include <stringprep.h>

// SASLprep (RFC 4013) of `text` in place, as a query; 0 where it worked.
static inline int mb_saslprep(char *text, size_t size) {
  return stringprep(text, size, 0, stringprep_saslprep);
}

#endif
