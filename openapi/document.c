#include "COpenAPI.h"

// An array in Swift of as many octets takes the compiler more than a minute.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char document[] = {
#embed "openapi.yaml"
};

const unsigned char *openapi_document(void) { return document; }

unsigned long openapi_document_size(void) { return sizeof document; }
