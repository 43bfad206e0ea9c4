/* SPDX-License-Identifier: BSD-2-Clause */
#include "program_path.h"

#include "message.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *program_directory_or_die(void)
{
    static char self[2048];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        fail("cannot read /proc/self/exe: %s; is /proc mounted?", strerror(errno));
    self[n] = '\0';
    return dirname(self);
}

bool program_is_in_path(const char *name)
{
    char file[4096];
    const char *path = getenv("PATH");
    for (const char *at = path ? path : ""; at;) {
        size_t length = strcspn(at, ":");
        snprintf(file, sizeof file, "%.*s/%s", length ? (int)length : 1, length ? at : ".", name);
        if (access(file, X_OK) == 0)
            return true;
        at = at[length] == ':' ? at + length + 1 : NULL;
    }
    return false;
}
