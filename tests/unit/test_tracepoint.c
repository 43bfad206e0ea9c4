/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/wakeups/tracepoint.h"

#include "support.h"

#include <bpf/btf.h>
#include <string.h>

enum { MAX = 6 };

enum argument { END, POINTER, INTEGER, TYPEDEF };

/* A vmlinux BTF with one tracepoint of these arguments. */
static struct btf *btf_with(const char *name, const enum argument *arguments)
{
    struct btf *btf = btf__new_empty();
    int number = btf__add_int(btf, "unsigned int", 4, 0);
    const int types[] = {[POINTER] = btf__add_ptr(btf, 0),
                         [INTEGER] = number,
                         [TYPEDEF] = btf__add_typedef(btf, "u32", number)};
    int prototype = btf__add_func_proto(btf, 0);
    btf__add_func_param(btf, "", types[POINTER]); /* the context */
    for (; *arguments != END; arguments++)
        btf__add_func_param(btf, "", types[*arguments]);
    btf__add_typedef(btf, name, btf__add_ptr(btf, prototype));
    return btf;
}

static void knows_the_state_of_sched_switch(void **state)
{
    (void)state;
    static const struct {
        const char *kernel;
        enum argument arguments[MAX];
        bool takes;
    } cases[] = {
        {"without a state", {INTEGER, POINTER, POINTER}, false},
        {"with one", {INTEGER, POINTER, POINTER, INTEGER}, true},
        {"of another name", {INTEGER, POINTER, POINTER, TYPEDEF}, true},
        {"with a pointer in its place", {INTEGER, POINTER, POINTER, POINTER}, false},
        {"without arguments", {END}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct btf *btf = btf_with("btf_trace_sched_switch", cases[i].arguments);
        bool takes = tracepoint_takes_integer(btf, "sched_switch", 3);
        if (takes != cases[i].takes)
            fail_msg("a kernel %s: %d", cases[i].kernel, takes);
        btf__free(btf);
    }
}

static void another_btf_has_none(void **state)
{
    (void)state;
    static const enum argument arguments[] = {INTEGER, INTEGER, END};
    struct btf *btf = btf_with("btf_trace_sched_waking", arguments);
    assert_true(tracepoint_takes_integer(btf, "sched_waking", 1));
    assert_false(tracepoint_takes_integer(btf, "sched_waking", 2));
    assert_false(tracepoint_takes_integer(btf, "sched_waking", ~0U));
    assert_false(tracepoint_takes_integer(btf, "sched_switch", 0));
    btf__add_typedef(btf, "btf_trace_broken", 1);
    assert_false(tracepoint_takes_integer(btf, "broken", 0));
    assert_false(tracepoint_takes_integer(NULL, "sched_switch", 3));
    btf__free(btf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_state_of_sched_switch),
        cmocka_unit_test(another_btf_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
