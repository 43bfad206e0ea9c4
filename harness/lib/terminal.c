/* SPDX-License-Identifier: BSD-2-Clause */
#include "terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_COLUMNS = 80, COLUMNS_MAX = 10000 };

unsigned terminal_room(FILE *file)
{
    struct winsize size = {0};
    int fd = fileno(file);
    if (fd < 0 || !isatty(fd))
        return 0;
    const char *wanted = getenv("COLUMNS");
    unsigned long columns = wanted ? strtoul(wanted, NULL, 10) : 0;
    if ((columns == 0 || columns > COLUMNS_MAX) && ioctl(fd, TIOCGWINSZ, &size) == 0)
        columns = size.ws_col;
    if (columns == 0 || columns > COLUMNS_MAX)
        columns = DEFAULT_COLUMNS;
    return columns > 1 ? (unsigned)columns - 1 : 1;
}
