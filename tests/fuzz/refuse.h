/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_FUZZ_REFUSE_H
#define WAKEONE_FUZZ_REFUSE_H

/*
 * Runs code that rejects its input by ending the program: fail(), fail_usage(). may_refuse() returns whether it returned.
 *
 * Unit tests run it in a child, and check that it prints one line. A fuzzer cannot fork for each input: fail() jumps back, and
 * memory allocated since then is freed, for which it is linked with --wrap (see the Makefile).
 */

#ifdef CORPUS

#include "tests/unit/support.h"

static inline bool may_refuse(void (*body)(const void *context), const void *context)
{
    struct ended ended = run_in_child(body, context);
    if (ended.status != CHILD_RETURNED)
        assert_exit_with_one_line(&ended, ended.status == 1 ? 1 : 2);
    return ended.status == CHILD_RETURNED;
}

#else

#include "harness/lib/message.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEPT_MAX = 100000 };

static jmp_buf refused;
static void *kept[KEPT_MAX]; /* allocated and not yet freed */
static unsigned kept_count;
static bool keeping;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *block);

static void *keep(void *block)
{
    if (keeping && block) {
        if (kept_count == KEPT_MAX)
            abort(); /* a small input must not require that much memory */
        kept[kept_count++] = block;
    }
    return block;
}

static void forget(const void *block)
{
    for (unsigned i = kept_count; keeping && i-- > 0;)
        if (kept[i] == block) {
            kept[i] = kept[--kept_count];
            return;
        }
}

void *__wrap_malloc(size_t size)
{
    return keep(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return keep(__real_calloc(count, size));
}

void *__wrap_realloc(void *old, size_t size)
{
    forget(old);
    return keep(__real_realloc(old, size));
}

void __wrap_free(void *block)
{
    forget(block);
    __real_free(block);
}

void message_name(const char *name)
{
    (void)name;
}

void message(const char *format, ...)
{
    (void)format;
}

void fail(const char *format, ...)
{
    (void)format;
    longjmp(refused, 1);
}

void fail_usage(const char *format, ...)
{
    (void)format;
    longjmp(refused, 1);
}

/* Memory that `body` has not freed when it returns is a leak, which libFuzzer reports; after a rejection it is freed here. */
static inline bool may_refuse(void (*body)(const void *context), const void *context)
{
    keeping = true;
    volatile bool returned = false; /* setjmp() */
    if (setjmp(refused) == 0) {
        body(context);
        returned = true;
    } else {
        while (kept_count > 0)
            __real_free(kept[--kept_count]);
    }
    keeping = false;
    kept_count = 0;
    return returned;
}

#endif

#endif
