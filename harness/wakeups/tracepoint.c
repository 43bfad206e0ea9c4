/* SPDX-License-Identifier: BSD-2-Clause */
#include "tracepoint.h"

#include <bpf/btf.h>
#include <stdio.h>

/* The target of a typedef or a pointer; NULL if missing in BTF. */
static const struct btf_type *target_of(const struct btf *btf, const struct btf_type *type)
{
    return btf__type_by_id(btf, type->type);
}

/* typedef void (*btf_trace_NAME)(void *, ARGUMENTS): include/trace/bpf_probe.h; NULL if there is none. */
static const struct btf_type *prototype_of(const struct btf *btf, const char *tracepoint)
{
    char name[128];
    snprintf(name, sizeof name, "btf_trace_%s", tracepoint);
    int id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
    const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;
    type = type ? target_of(btf, type) : NULL;
    type = type && btf_is_ptr(type) ? target_of(btf, type) : NULL;
    return type && btf_is_func_proto(type) ? type : NULL;
}

bool tracepoint_takes_integer(const struct btf *btf, const char *tracepoint, unsigned index)
{
    const struct btf_type *prototype = btf ? prototype_of(btf, tracepoint) : NULL;
    if (!prototype || index + 1ULL >= btf_vlen(prototype)) /* the first parameter is the context */
        return false;
    int id = btf__resolve_type(btf, btf_params(prototype)[index + 1].type);
    return id > 0 && btf_is_int(btf__type_by_id(btf, (__u32)id));
}
