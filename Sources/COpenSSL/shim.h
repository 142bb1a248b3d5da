// OpenSSL 3, and functions in place of its function-like macros, which the Swift importer cannot see.
#ifndef MAILBRIDGE_COPENSSL_H
#define MAILBRIDGE_COPENSSL_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline long mb_ssl_ctx_set_min_proto_version(SSL_CTX *ctx, int version) {
  return SSL_CTX_set_min_proto_version(ctx, version);
}

#endif
