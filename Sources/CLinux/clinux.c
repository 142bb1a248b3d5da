#define _GNU_SOURCE
#include "clinux.h"

#include <malloc.h>

#include <sched.h>
#include <sys/prctl.h>

static _Thread_local void *current_loop;

void *mb_current_loop(void) { return current_loop; }

void mb_set_current_loop(void *loop) { current_loop = loop; }

void mb_set_thread_name(const char *name) { prctl(PR_SET_NAME, name); }

int mb_accept(int listener, struct sockaddr *address, socklen_t *size) {
  return accept4(listener, address, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int mb_available_cores(void) {
  cpu_set_t cores;
  int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
  return count > 0 ? count : 1;
}

void mb_return_large_buffers(int octets) {
  mallopt(M_MMAP_THRESHOLD, octets);
  mallopt(M_TRIM_THRESHOLD, 4 * octets);
}
