# Ratios to the baseline within a run: a forest plot with one point per row, one row per server, workers and load. Data:
# harness/runs/figure_ratios.c and harness/runs/forest.c.

# SPDX-License-Identifier: BSD-2-Clause

named_above = 0
load "forest.gp"
