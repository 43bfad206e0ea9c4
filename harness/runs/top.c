#include "command.h"
#include "text.h"

#include "harness/lib/message.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *top_directory(void)
{
    static char *top;
    char program[4096];
    if (top)
        return top;
    const char *given = getenv("WAKEONE_TOP");
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (given && *given) {
        top = copy_string(given);
    } else {
        if (length < 0)
            fail("cannot find out where this program is: set WAKEONE_TOP to the checkout");
        program[length] = '\0';
        for (int level = 0; level < 3; level++) /* build/bin/runs */
            *strrchr(program, '/') = '\0';
        top = copy_string(program);
    }
    return top;
}

char *top_file(const char *name)
{
    return format_string("%s/%s", top_directory(), name);
}
