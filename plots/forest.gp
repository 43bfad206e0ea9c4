# A forest plot: one row per configuration, a point with its interval for each run that is compared with the first one, and the
# noise threshold in grey. harness/runs/forest.c has the columns. y is in pixels: rows above the axis, the compared runs below
# it. TICKS are those of the axis, CPUS the pixels of all rows.

# SPDX-License-Identifier: BSD-2-Clause

rows = cpus
runs = series + 1
eval head
AXIS = 66
BELOW = AXIS + 15 * runs
height = HEAD + rows + BELOW
eval page
set lmargin at screen 0.29
set rmargin at screen 0.74
set bmargin at screen 0
set border 0
unset grid
unset ytics
unset mxtics
left = word(ticks, 1) + 0
right = word(ticks, words(ticks)) + 0
set logscale x
set xrange [left:right]
set yrange [-BELOW:rows]
set xtics axis format ""
do for [w in ticks] {
    set xtics add (w w + 0)
    set arrow from w + 0,0 to w + 0,rows nohead back linecolor rgb "#E8E8E8" linewidth 0.5
}
set arrow from 1,0 to 1,rows nohead back linecolor rgb GREY linewidth 1
set arrow from left,0 to right,0 nohead back linecolor rgb GREY linewidth 1
set label "ratio, log scale" at graph 0.5,first -50 center font ",11"
set datafile separator "\t"
set datafile commentschars ""
plot data index series using 3:1:3:4:($1 - $2):($1 + $2) with boxxyerror fillcolor rgb "#B0B0B0" fillstyle transparent solid 0.4 noborder, \
     for [i = 1:series] data index i - 1 using 2:1:3:4 with xerrorbars linecolor rgb colour(i) linewidth 1.4 \
         pointtype point(i) pointsize 0.6, \
     for [i = 1:series] data index i - 1 using (right):1:5 with labels left offset 1,0 font ",11" textcolor rgb INK, \
     data index series + 1 using (left):1:2 with labels right offset -1,0 font ",12", \
     data index series + 2 using (left):1:2 with labels left offset screen -0.27,0 font ",11" textcolor rgb GREY, \
     data index series + 3 using (left):1:2 with labels left offset screen -0.27,0 font ",10" textcolor rgb GREY
