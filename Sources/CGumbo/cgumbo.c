#include "cgumbo.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// gumbo checks no allocation, frees its tree by recursion, also while it parses (a frameset replaces the body), walks all
// open elements for many tags, and copies all open formatting elements into each block. A few kilobytes of input could
// so exhaust the stack, the memory or the day. Therefore:
// - it allocates in an arena with a budget; where that is spent we leave by longjmp, and the arena goes as a whole;
// - the same place looks at the processor time of the thread: gumbo allocates for every tag and attribute;
// - it runs on a thread whose stack is as large as the deepest recursion that the budget can pay for: each level is an
//   element of about 200 octets with its bookkeeping, and destroy_node has a frame of some 50.

enum { BLOCK = 1 << 20, CLASSES = 12, SMALLEST = 32, CHECK_EVERY = 512 };

typedef struct block {
  struct block *next;
} block;

typedef struct piece {
  union {
    size_t size_class;
    max_align_t alignment;
  };
} piece;

typedef struct vacancy {
  struct vacancy *next;
} vacancy;

struct mb_gumbo_document {
  block *blocks;
  char *free_start, *free_end;
  vacancy *vacancies[CLASSES];
  size_t left;
  unsigned calls, milliseconds;
  struct timespec started;
  jmp_buf stop;
  const char *text;
  size_t length;
  GumboOutput *output;
};

static void *take(mb_gumbo_document *document, size_t size) {
  size = (size + 15) & ~(size_t)15;
  if (size > (size_t)(document->free_end - document->free_start)) {
    size_t whole = size > BLOCK / 4 ? size + sizeof(piece) : BLOCK;
    if (whole > document->left) longjmp(document->stop, 1);
    block *fresh = malloc(whole);
    if (fresh == NULL) longjmp(document->stop, 1);
    document->left -= whole;
    fresh->next = document->blocks;
    document->blocks = fresh;
    char *start = (char *)fresh + sizeof(piece);
    if (whole != BLOCK) return start;
    document->free_start = start;
    document->free_end = (char *)fresh + whole;
  }
  void *found = document->free_start;
  document->free_start += size;
  return found;
}

static void check_time(mb_gumbo_document *document) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  long spent = (now.tv_sec - document->started.tv_sec) * 1000 + (now.tv_nsec - document->started.tv_nsec) / 1000000;
  if (spent > (long)document->milliseconds) longjmp(document->stop, 1);
}

static void *allocate(void *userdata, size_t size) {
  mb_gumbo_document *document = userdata;
  if (++document->calls % CHECK_EVERY == 0) check_time(document);
  if (size > document->left) longjmp(document->stop, 1);
  size_t class = 0;
  while (class < CLASSES && (size_t)SMALLEST << class < size) class++;
  if (class < CLASSES) {
    size = (size_t)SMALLEST << class;
    vacancy *vacant = document->vacancies[class];
    if (vacant != NULL) {
      document->vacancies[class] = vacant->next;
      return vacant;
    }
  }
  piece *found = take(document, size + sizeof(piece));
  found->size_class = class;
  return found + 1;
}

static void deallocate(void *userdata, void *pointer) {
  mb_gumbo_document *document = userdata;
  if (pointer == NULL) return;
  size_t class = ((piece *)pointer - 1)->size_class;
  if (class >= CLASSES) return;
  vacancy *vacant = pointer;
  vacant->next = document->vacancies[class];
  document->vacancies[class] = vacant;
}

static void *run(void *argument) {
  mb_gumbo_document *document = argument;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &document->started);
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = allocate;
  options.deallocator = deallocate;
  options.userdata = document;
  options.max_errors = 0;
  if (setjmp(document->stop) == 0) {
    // Tag names point into the text: it lives as long as the tree.
    char *copy = take(document, document->length + 1);
    memcpy(copy, document->text, document->length);
    copy[document->length] = 0;
    document->output = gumbo_parse_with_options(&options, copy, document->length);
  } else {
    document->output = NULL;
  }
  return NULL;
}

mb_gumbo_document *mb_gumbo_parse(const char *text, size_t length, size_t memory, unsigned milliseconds) {
  mb_gumbo_document *document = calloc(1, sizeof *document);
  if (document == NULL) return NULL;
  document->left = memory;
  document->milliseconds = milliseconds;
  document->text = text;
  document->length = length;
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  int failed = pthread_attr_setstacksize(&attributes, (memory / 2 + (1 << 20)) & ~(size_t)0xFFFF);
  if (failed == 0) failed = pthread_create(&thread, &attributes, run, document);
  pthread_attr_destroy(&attributes);
  if (failed == 0) pthread_join(thread, NULL);
  if (failed != 0 || document->output == NULL) {
    mb_gumbo_free(document);
    return NULL;
  }
  return document;
}

const GumboNode *mb_gumbo_root(const mb_gumbo_document *document) { return document->output->root; }

void mb_gumbo_free(mb_gumbo_document *document) {
  for (block *next, *each = document->blocks; each != NULL; each = next) {
    next = each->next;
    free(each);
  }
  free(document);
}
