// What the Swift importer cannot reach in glibc: variadic calls and function-like macros. Nothing else.
#ifndef MAILBRIDGE_CLINUX_H
#define MAILBRIDGE_CLINUX_H

#include <errno.h>
#include <iconv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#endif
