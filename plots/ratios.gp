# Ratios to the reference within a run: a forest plot with one point a row, a row for each server, workers and load.
# plots/ratios.awk makes what harness/compare/forest.awk reads.

named_above = 0
load "forest.gp"
