// SPDX-License-Identifier: Apache-2.0
/* One distribution as an inline SVG picture. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "latency/histogram.h"
#include "latency/verdict.h"

/**
 * plot_svg() - counts upwards, logarithmic, so that one sample shows beside a million; time to the
 * right, logarithmic where it spans much; lines for p50, p99, p99.9 and the maximum, and for the
 * budget where @judged.
 * @histogram: not empty. @title: what it shows, for who cannot see it; written as it is.
 *
 * Its classes are styled by report_style_css.
 */
void plot_svg(FILE *out, const struct histogram *histogram, const struct verdict_terms *terms,
	      bool judged, const char *title);
