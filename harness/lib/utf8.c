/* SPDX-License-Identifier: BSD-2-Clause */
#include "utf8.h"

uint32_t utf8_decode(const unsigned char *at, unsigned *bytes)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned length = at[0] < 0x80                    ? 1
                      : at[0] >= 0xc2 && at[0] < 0xe0 ? 2
                      : (at[0] & 0xf0) == 0xe0        ? 3
                      : at[0] >= 0xf0 && at[0] < 0xf5 ? 4
                                                      : 0;
    *bytes = 1;
    if (length <= 1)
        return length ? at[0] : 0;
    uint32_t character = at[0] & (0xffU >> (length + 1));
    for (unsigned i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        character = character << 6 | (at[i] & 0x3f);
    }
    if (character < least[length] || (character >= 0xd800 && character < 0xe000) ||
        character > 0x10ffff)
        return 0;
    *bytes = length;
    return character;
}
