// What the Swift importer cannot reach in glibc: variadic calls, function-like macros, thread-local variables and what
// only GNU sources may see. Nothing else.
#ifndef MAILBRIDGE_CLINUX_H
#define MAILBRIDGE_CLINUX_H

#include <errno.h>
#include <iconv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// The event loop that the calling thread runs, or NULL.
void *mb_current_loop(void);
void mb_set_current_loop(void *loop);

// prctl(PR_SET_NAME); names longer than 15 octets are cut.
void mb_set_thread_name(const char *name);

// accept4 with SOCK_NONBLOCK and SOCK_CLOEXEC.
int mb_accept(int listener, struct sockaddr *address, socklen_t *size);

// Cores in the process's affinity mask, which containers narrow; at least 1.
int mb_available_cores(void);

// Asks a name server, the system's where server is NULL, for the records of a type; the answer as it came on the wire. Gives its
// length, or minus the code that <netdb.h> has for why there is none (HOST_NOT_FOUND and its kin).
int mb_dns_query(const char *name, int type, const char *server, unsigned short port, unsigned char *answer, int capacity);

// mallopt: buffers of this many octets and more are mapped one by one, and go back to the kernel when they are freed.
void mb_return_large_buffers(int octets);

#endif
