#define _GNU_SOURCE
#include "clinux.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

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

int mb_dns_query(const char *name, int type, const char *server, unsigned short port, unsigned char *answer, int capacity) {
  struct __res_state state;
  memset(&state, 0, sizeof state);
  if (res_ninit(&state) != 0) return -NO_RECOVERY;
  // Two tries of two seconds each: whoever asks waits for more than one name.
  state.retrans = 2;
  state.retry = 2;
  if (server != NULL) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, server, &address.sin_addr) != 1) {
      res_nclose(&state);
      return -NO_RECOVERY;
    }
    state.nscount = 1;
    state.nsaddr_list[0] = address;
  }
  int length = res_nquery(&state, name, C_IN, type, answer, capacity);
  int code = state.res_h_errno;
  res_nclose(&state);
  return length >= 0 ? length : -(code > 0 ? code : NO_RECOVERY);
}
