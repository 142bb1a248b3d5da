#ifndef COPENAPI_H
#define COPENAPI_H

/// openapi.yaml as it stands in the repository: the program serves the very document it was built and tested with.
const unsigned char *_Nonnull openapi_document(void);

/// Its size in octets.
unsigned long openapi_document_size(void);

#endif
