// libpq 14 or later: the client's half of PostgreSQL's protocol, with its pipeline mode.
#ifndef MAILBRIDGE_CPOSTGRESQL_H
#define MAILBRIDGE_CPOSTGRESQL_H

#include <libpq-fe.h>

#endif
