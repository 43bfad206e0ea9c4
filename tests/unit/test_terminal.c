/* SPDX-License-Identifier: BSD-2-Clause */
/* The usable width of a terminal, by its width and COLUMNS. */

#include "support.h"

#include "harness/lib/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

TEST(nothing_but_a_terminal_has_a_width)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(terminal_room(file), 0);
    fclose(file);
}

static void assert_room(FILE *file, unsigned short columns, const char *wanted, unsigned room)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    assert_int_equal(ioctl(fileno(file), TIOCSWINSZ, &size), 0);
    if (wanted)
        setenv("COLUMNS", wanted, 1);
    else
        unsetenv("COLUMNS");
    assert_int_equal(terminal_room(file), room);
}

TEST(the_width_of_a_terminal)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        skip();
    FILE *file = fopen(ptsname(master), "r+");
    assert_non_null(file);
    assert_room(file, 40, NULL, 39);
    assert_room(file, 120, NULL, 119); /* it was made wider */
    assert_room(file, 120, "50", 49);
    assert_room(file, 60, "", 59);
    assert_room(file, 60, "wide", 59);
    assert_room(file, 60, "-3", 59);
    assert_room(file, 0, NULL, 79);
    assert_room(file, 1, NULL, 1);
    fclose(file);
    close(master);
}

int main(void)
{
    ADD(nothing_but_a_terminal_has_a_width);
    ADD(the_width_of_a_terminal);
    return run_added(NULL, NULL);
}
