# Runs of many machines: the ratio of throughput of wakeone to racing by number of CPUs, with its interval. Filled circles were
# measured on cores, hollow ones in virtual time.
# columns: CPUs ratio low high name, blocks as of harness/runs/share_gallery.c

# SPDX-License-Identifier: BSD-2-Clause

MARKS = "measured on cores;measured in virtual time"
mark(i) = i == 1 ? MARKS[:strstrt(MARKS, ";") - 1] : MARKS[strstrt(MARKS, ";") + 1:]
own_rows = 1
height = 460
eval page
set rmargin at screen 0.97
eval ticks_axis
# Names stand on the side of their point where there is more room.
middle = sqrt(low * high)
on_left(x, there) = (x > middle) == there ? x : NaN
set xlabel "CPUs"
set ylabel "requests/s of wakeone / racing" offset 0.5,0
set logscale y
stats data using 3 nooutput
least = STATS_min
stats data using 4 nooutput
set yrange [(least < 1 ? least : 1) / 1.15:(STATS_max > 1 ? STATS_max : 1) * 1.25]
eval one_two_five
do for [i = 1:series] {
    set label (10 + i) mark(i) left offset 1.2,0 font SMALL textcolor rgb INK at screen 0.03 + 0.3 * (i - 1),from_top(OWN_ROW) \
        point pointtype point(i) pointsize 0.9 linecolor rgb colour(i)
}
plot 1 with lines linecolor rgb GREY dashtype (6, 4), \
     for [i = 1:series] data index i - 1 using (dodge($1, i)):2:3:4 with yerrorbars \
         pointtype point(i) pointsize 0.9 linecolor rgb colour(i), \
     for [i = 1:series] data index i - 1 using (on_left(dodge($1, i), 0)):2:5 with labels left offset 1,0.6 font SMALL textcolor rgb INK, \
     for [i = 1:series] data index i - 1 using (on_left(dodge($1, i), 1)):2:5 with labels right offset -1,0.6 font SMALL textcolor rgb INK
