/* SPDX-License-Identifier: BSD-2-Clause */
#include "switches.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int switches_open(pid_t pid, pid_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/status", (int)pid, (int)tid);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static uint64_t number_after(const char *text, const char *label)
{
    const char *at = strstr(text, label);
    return at ? strtoull(at + strlen(label), NULL, 10) : 0;
}

bool switches_read(int fd, struct switches *switches)
{
    char text[4096];
    ssize_t n = fd < 0 ? 0 : pread(fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return false;
    text[n] = '\0';
    switches->voluntary = number_after(text, "\nvoluntary_ctxt_switches:");
    switches->involuntary = number_after(text, "\nnonvoluntary_ctxt_switches:");
    return true;
}
