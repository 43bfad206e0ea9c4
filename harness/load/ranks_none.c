/* SPDX-License-Identifier: BSD-2-Clause */
#include "ranks.h"

const struct option_spec ranks_options[] = {OPTIONS_END};

void ranks_mute_others(void)
{
}

void ranks_begin(struct load_options *load)
{
    (void)load;
}

void ranks_refuse(const char *option)
{
    (void)option;
}

bool ranks_is_first(void)
{
    return true;
}

const char *ranks_run(struct load_options *load, struct load_result *result)
{
    return load_run(load, result);
}

void ranks_merge(const struct load_options *load, struct load_result *result)
{
    (void)load, (void)result;
}

bool ranks_hand_over(const struct load_result *result)
{
    (void)result;
    return false;
}

int ranks_end(int status)
{
    return status;
}
