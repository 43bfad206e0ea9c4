# Ratios to the reference within a run: a forest plot with one point a row, a row for each server, workers and load.
# harness/runs/figure_ratios.c makes what harness/runs/forest.c reads.

named_above = 0
load "forest.gp"
