# Common parts of all figures: arguments, terminal, axes, title, names and footer. This is the main program, which loads the
# figure:
#
#   gnuplot -c style.gp FIGURE.gp DATA OUT TITLE SUBTITLE FOOTER LOOKS TICKS CPUS
#
# OUT ends in .svg or .png. LOOKS has three words per strategy (name, colour, point type), in the order of DATA; TICKS are the
# numbers on the axis or of the panels, usually worker counts; CPUS is the measured number of CPUs. A figure sets `height`, in
# pixels, and evaluates `page` before it draws. Text from the run comes as arguments or in DATA and is never evaluated.

# SPDX-License-Identifier: BSD-2-Clause

figure = ARG1
data = ARG2
out = ARG3
title = ARG4
subtitle = ARG5
footer = ARG6
FOOTER_FONT = strlen(footer) > 115 ? ",9" : ",11" # fits one line of the page
looks = ARG7
ticks = ARG8
cpus = ARG9 + 0

series = words(looks) / 3
name(i) = word(looks, 3 * i - 2)
colour(i) = word(looks, 3 * i - 1)
point(i) = word(looks, 3 * i) + 0
# gnuplot's points come in pairs, hollow and filled, except the first three, which are lines.
filled(i) = point(i) <= 3 ? 7 : point(i) % 2 ? point(i) : point(i) + 1
hollow(i) = filled(i) - 1

WIDTH = 720
INK = "#222222"
GREY = "#595959" # the lightest with a contrast of at least 7:1 on white and on SHADE
LINE = "#DDDDDD"
SHADE = "#F4F4F4"
SMALL = ",12"

set encoding utf8
set border 3 linecolor rgb GREY
set tics nomirror textcolor rgb INK
set grid ytics linecolor rgb LINE linewidth 0.5
set key off
set errorbars small

# `stats` without data does not set STATS_records: check with exists().

# ---- the page: title, subtitle and names above the plot, the footer below, at fixed distances in pixels ----

longest = 0
do for [i = 1:series] { longest = strlen(name(i)) > longest ? strlen(name(i)) : longest }
IN_A_ROW = longest <= 9 ? 7 : longest <= 13 ? 5 : 4
DIRECT_MAX = 9
direct = 0       # 1 = names at the ends of the lines (direct_names), not above the plot
named_above = 1  # 0 = names are elsewhere
own_rows = 0     # number of additional rows above the plot, the first at from_top(OWN_ROW)
OWN_ROW = 66
FOOT = 34
from_top(pixels) = 1 - (1.0 * pixels) / height
from_bottom(pixels) = (1.0 * pixels) / height
head = '\
    direct = direct && series <= DIRECT_MAX; \
    NAME_ROWS = own_rows ? own_rows : direct || !named_above ? 0 : (series - 1) / IN_A_ROW + 1; \
    HEAD = 56 + 26 * (NAME_ROWS > 0) + 20 * (NAME_ROWS > 1 ? NAME_ROWS - 1 : 0); \
    NAMES_WIDE = direct ? 0.045 + 0.0118 * longest : 0.02'
page = '\
    eval head; \
    if (out[strlen(out) - 3:] eq ".png") { \
        set terminal pngcairo size 2 * WIDTH,2 * height font "sans,14" fontscale 1.5 linewidth 2 pointscale 2 \
            background "white" noenhanced \
    } else { \
        set terminal svg size WIDTH,height font "sans-serif,14" background "white" noenhanced \
    }; \
    set output out; \
    set label 1 title at screen 0.02,from_top(18) font ",17" textcolor rgb INK; \
    set label 2 subtitle at screen 0.02,from_top(40) font SMALL textcolor rgb GREY; \
    set label 3 footer at screen 0.02,from_bottom(12) font FOOTER_FONT textcolor rgb GREY; \
    do for [i = 1:series * (NAME_ROWS > 0 && !own_rows)] { \
        set label (3 + i) name(i) left offset 1.2,0 textcolor rgb INK \
            at screen 0.03 + 0.96 / IN_A_ROW * ((i - 1) % IN_A_ROW),from_top(OWN_ROW + 20 * ((i - 1) / IN_A_ROW)) \
            point pointtype point(i) pointsize 0.9 linecolor rgb colour(i) }; \
    set tmargin at screen from_top(HEAD + 8); \
    set bmargin at screen from_bottom(FOOT + 48); \
    set lmargin at screen LEFT; \
    set rmargin at screen 1 - NAMES_WIDE'
LEFT = 0.115

# ---- figures with one plot: DATA begins with a block of one line, the ends of the y axis; then one block per
# strategy; then a block of names: series and height on the axis, from 0 to 1 (harness/runs/figure_points.c) ----

y_axis = '\
    stats data index 0 using 1:2 nooutput; \
    set yrange [STATS_min_x:STATS_max_y]'
direct_names = '\
    if (direct) { \
        stats data index series + 1 using 1:2 nooutput; named = exists("STATS_records") ? STATS_records : 0; \
        do for [k = 1:named] { \
            stats data index series + 1 every ::k - 1::k - 1 using 1:2 nooutput; i = int(STATS_min_x); \
            set label (3 + i) name(i) left offset 1.2,0 textcolor rgb INK at graph 1.015,graph STATS_min_y \
                point pointtype point(i) pointsize 0.9 linecolor rgb colour(i) } }'

# Strategies are offset slightly, so that overlapping marks can be distinguished.
apart = series <= 6 ? 1.04 : 1.04 ** (6.0 / (series > 0 ? series : 1))
dodge(x, i) = x * apart ** (i - (series + 1) / 2.0)

# The axis of the numbers in TICKS, by powers of two.
low = word(ticks, 1) / 1.25
high = word(ticks, words(ticks)) * 1.25
ticks_axis = '\
    set logscale x 2; \
    set xrange [low:high]; \
    set xtics ("" low); do for [w in ticks] { set xtics add (w w + 0) }'
workers_axis = ticks_axis . '; \
    set xlabel "workers"; \
    if (cpus > low && cpus < high) { \
        set arrow 1 from cpus,graph 0 to cpus,graph 1 nohead back linecolor rgb "#999999" dashtype (2, 3); \
        set label 99 sprintf("%d CPUs", cpus) at cpus,graph 0.04 offset 0.6,0 left font SMALL textcolor rgb GREY }'

# ---- figures with one panel per tick: two in a row, PANEL pixels high. `panels` opens the page, `panel` is
# evaluated with k = 1, 2, ... before each plot; panel_of(k) is its title ----

PANEL = 260
PANEL_LEFT = 0.115 # room for the labels of the y axis, as a share of the width
panel_of(k) = sprintf("%s workers", word(ticks, k))
panel_count = words(ticks)
panel_left(k) = panel_count == 1 ? PANEL_LEFT : PANEL_LEFT + 0.49 * ((k - 1) % 2)
panel_right(k) = panel_count == 1 ? 0.97 : 0.495 + 0.49 * ((k - 1) % 2)
panel_top(k) = HEAD + 22 + PANEL * ((k - 1) / 2)
panels = '\
    eval head; \
    height = HEAD + FOOT + PANEL * ((panel_count + 1) / 2); \
    eval page; \
    set multiplot'
panel = '\
    if (k > 1) { unset label }; \
    set lmargin at screen panel_left(k); \
    set rmargin at screen panel_right(k); \
    set tmargin at screen from_top(panel_top(k)); \
    set bmargin at screen from_top(panel_top(k) + PANEL - 74); \
    set label 98 panel_of(k) at graph 0,graph 1 offset 0,0.7 left textcolor rgb INK'

# Panels of horizontal bars, one per strategy, with its name on the left.
bars = '\
    PANEL = 84 + (series <= 3 ? 30 : series <= 9 ? 26 : 20) * series; \
    PANEL_LEFT = 0.04 + 0.0118 * longest; \
    named_above = 0; \
    eval panels; \
    set yrange [series + 0.6:0.4]; \
    set grid noytics xtics; \
    set ytics scale 0 ("" 0); \
    set for [i = 1:series] ytics add (name(i) i); \
    set style fill solid border rgb "white"'

# A tick distance for about a given number of ticks: 1, 2 or 5 times a power of ten
step_of(range, ticks) = nice(1.0 * range / ticks, 10 ** floor(log10(1.0 * range / ticks)))
nice(step, decade) = decade * (step / decade < 1.5 ? 1 : step / decade < 3.5 ? 2 : step / decade < 7.5 ? 5 : 10)
ONE_TWO_FIVE = "0.01 0.02 0.05 0.1 0.2 0.5 1 2 5 10 20 50 100 200 500 1000 2000 5000 10000"
one_two_five = 'set ytics ("" 1); do for [t in ONE_TWO_FIVE] { set ytics add (t t + 0) }'

load figure
