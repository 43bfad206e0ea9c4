# What all figures share: arguments, terminal, axes, title and legend. It is the program that is
# run, and loads the figure:
#
#   gnuplot -c style.gp FIGURE.gp DATA OUT TITLE SUBTITLE LOOKS WORKERS CPUS
#
# LOOKS has three words per strategy (name, colour, point type), in the order of the blocks in DATA;
# WORKERS are the worker counts there are, CPUS the number that was measured on. A figure sets
# `height`, the picture's in pixels, and evaluates `page` before it draws.

figure = ARG1
data = ARG2
out = ARG3
title = ARG4
subtitle = ARG5
looks = ARG6
workers = ARG7
cpus = ARG8 + 0

series = words(looks) / 3
name(i) = word(looks, 3 * i - 2)
colour(i) = word(looks, 3 * i - 1)
point(i) = word(looks, 3 * i) + 0

set encoding utf8
GREY = "#666666"
SHADE = "#F4F4F4" # behind what has more workers than CPUs
set border 3 linecolor rgb GREY
set tics nomirror textcolor rgb GREY
set grid ytics linecolor rgb "#DDDDDD" linewidth 0.5
set key off

# Title and legend stand above the plots, at fixed distances from the top whatever the height.
longest = 0
do for [i = 1:series] { longest = strlen(name(i)) > longest ? strlen(name(i)) : longest }
IN_A_ROW = longest <= 9 ? 7 : 4
HEAD = 76 + 18 * ((series - 1) / IN_A_ROW)
from_top(pixels) = 1 - (1.0 * pixels) / height
page = '\
    set terminal svg size 760,height font "sans-serif,13" background "white" noenhanced; \
    set output out; \
    set label 1 title at screen 0.02,from_top(18) font ",15"; \
    set label 2 subtitle at screen 0.02,from_top(38) font ",11" textcolor rgb GREY; \
    do for [i = 1:series] { \
        set label (2 + i) name(i) left offset 1,0 textcolor rgb colour(i) \
            at screen 0.03 + 0.945 / IN_A_ROW * ((i - 1) % IN_A_ROW),from_top(60 + 18 * ((i - 1) / IN_A_ROW)) \
            point pointtype point(i) pointsize 0.8 linecolor rgb colour(i) }; \
    set tmargin at screen from_top(HEAD)'

# Strategies are set apart a little, so that marks in one place can be told from each other.
apart = series <= 6 ? 1.04 : 1.04 ** (6.0 / series)
dodge(x, i) = x * apart ** (i - (series + 1) / 2.0)

# The axis of the figures by workers.
low = word(workers, 1) / 1.25
high = word(workers, words(workers)) * 1.25
workers_axis = '\
    set logscale x 2; \
    set xrange [low:high]; \
    set xlabel "workers"; \
    set xtics ("" low); do for [w in workers] { set xtics add (w w + 0) }; \
    if (cpus < high) { \
        set object 1 rectangle from (cpus < low ? low : cpus),graph 0 to high,graph 1 \
            behind fillcolor rgb SHADE fillstyle solid noborder; \
        set label 99 sprintf("more workers than the %d CPUs", cpus) at graph 0.99,graph 0.05 right \
            font ",11" textcolor rgb GREY }'

# Figures with a plot per worker count: two in a row, PANEL pixels high. `panels` opens the page,
# `panel` is evaluated with k = 1, 2, ... before each plot.
PANEL = 260
panel_rows = (words(workers) + 1) / 2
LABELS = 0.12 # room for the labels of the y axis, as a share of the width
panel_left(k) = words(workers) == 1 ? LABELS : LABELS + 0.49 * ((k - 1) % 2)
panel_right(k) = words(workers) == 1 ? 0.97 : 0.49 + 0.49 * ((k - 1) % 2)
panel_top(k) = HEAD + 18 + PANEL * ((k - 1) / 2)
panels = 'height = HEAD + 10 + PANEL * panel_rows; eval page; set multiplot'
panel = '\
    if (k > 1) { unset label }; \
    set lmargin at screen panel_left(k); \
    set rmargin at screen panel_right(k); \
    set tmargin at screen from_top(panel_top(k)); \
    set bmargin at screen from_top(panel_top(k) + PANEL - 70); \
    set label 98 sprintf("%s workers", word(workers, k)) at graph 0,graph 1 offset 0,0.7 left'

load figure
