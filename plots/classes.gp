# Classes of wakeups per accepted connection: useful, spurious (woken, returned to user space, found nothing to do), absorbed
# (woken, found nothing, slept again without returning to user space); the sum of all valid samples, and the interval of the
# median of their sum. One plot per worker count, with separate axes. After a bar: the sum, and in parentheses the absorbed
# share.
# columns: useful spurious absorbed, then low and high of the sum; one line per block

# SPDX-License-Identifier: BSD-2-Clause

CLASSES = "useful spurious absorbed"
shade(c) = word("#3B7A57 #E3B505 #9E9E9E", c)
own_rows = 1
array most[panel_count]
do for [k = 1:panel_count] {
    most[k] = 0
    do for [i = 1:series] {
        stats data index (k - 1) * series + i - 1 using ($5 > $1 + $2 + $3 ? $5 : $1 + $2 + $3) nooutput
        if (exists("STATS_records") && STATS_max > most[k]) { most[k] = STATS_max }
    }
}
eval bars
set xlabel "wakeups per accepted connection" offset 0,0.6
do for [k = 1:panel_count] {
    set xrange [0:(most[k] > 0 ? most[k] : 1) * 1.55]
    set xtics step_of((most[k] > 0 ? most[k] : 1) * 1.55, 5)
    if (k == 1) {
        do for [c = 1:3] {
            set label (40 + c) word(CLASSES, c) at screen 0.03 + 0.16 * (c - 1),from_top(OWN_ROW) left offset 1.2,0 \
                point pointtype 5 pointsize 1.2 linecolor rgb shade(c) textcolor rgb INK
        }
    }
    eval panel
    plot for [i = 1:series] data index (k - 1) * series + i - 1 \
             using ($1 / 2):(i):(0):1:(i - 0.33):(i + 0.33) with boxxyerror linecolor rgb shade(1), \
         for [i = 1:series] data index (k - 1) * series + i - 1 \
             using ($1 + $2 / 2):(i):1:($1 + $2):(i - 0.33):(i + 0.33) with boxxyerror linecolor rgb shade(2), \
         for [i = 1:series] data index (k - 1) * series + i - 1 \
             using ($1 + $2 + $3 / 2):(i):($1 + $2):($1 + $2 + $3):(i - 0.33):(i + 0.33) \
             with boxxyerror linecolor rgb shade(3), \
         for [i = 1:series] data index (k - 1) * series + i - 1 using (($4 + $5) / 2):(i):4:5 \
             with xerrorbars linecolor rgb INK pointtype 0, \
         for [i = 1:series] data index (k - 1) * series + i - 1 \
             using (($5 > $1 + $2 + $3 ? $5 : $1 + $2 + $3) + most[k] * 0.03):(i):(sprintf("%.3g (%.0f %%)", $1 + $2 + $3, 100 * $3 / ($1 + $2 + $3))) \
             with labels left font SMALL textcolor rgb GREY
}
unset multiplot
