// SPDX-License-Identifier: Apache-2.0
#include "latency/report_plot.h"

#include <limits.h>
#include <math.h>

#include "latency/report_view.h"

/* Where the axis begins at the latest: an eighth of it. */
enum { QUANTILE_P1 = 10000 };

enum {
	WIDTH = 960,
	LEFT = 58,
	RIGHT = 938,
	LABEL_STEP = 17, /* from one row of marker labels to the next */
	PLOT_HEIGHT = 210,
	AXIS_HEIGHT = 40,
	MARKERS_MAX = 5,
	BINS = 220,
};

/* Counts begin a little under 1, so that a single sample has a height. */
#define COUNT_BASE 0.6
/* A time axis is logarithmic where its end is more than this many times its beginning. */
#define LOG_FROM 6.0

/* struct scale - from ns to x and from counts to y. */
struct scale {
	bool logarithmic;
	double low, high; /* ns */
	double top;	  /* the power of ten at the upper edge */
	double y_top, y_bottom;
	uint64_t tsc_khz;
};

struct marker {
	const char *name;
	const char *class;
	uint64_t ns;
	unsigned row;
	bool leftwards;
};

static double cycles_ns(const struct scale *scale, uint64_t cycles)
{
	return (double)cycles * 1e6 / (double)scale->tsc_khz;
}

static double x_of(const struct scale *scale, double ns)
{
	double share;

	if (ns < scale->low)
		ns = scale->low;
	if (ns > scale->high)
		ns = scale->high;
	share = scale->logarithmic ? log(ns / scale->low) / log(scale->high / scale->low)
				   : (ns - scale->low) / (scale->high - scale->low);
	return LEFT + share * (RIGHT - LEFT);
}

static double y_of(const struct scale *scale, double count)
{
	double share = log10(count / COUNT_BASE) / (scale->top - log10(COUNT_BASE));

	return scale->y_bottom - share * (scale->y_bottom - scale->y_top);
}

static void scale_set(struct scale *scale, const struct histogram *histogram,
		      const struct verdict_terms *terms, bool judged)
{
	double low, high, margin;

	scale->tsc_khz = terms->tsc_khz;
	low = cycles_ns(scale, histogram->min);
	high = cycles_ns(scale, histogram->max);
	if (judged && (double)terms->budget_ns > high)
		high = (double)terms->budget_ns;
	/* A few samples far to the left of all others must not take the axis for themselves. */
	low = fmax(low, cycles_ns(scale, histogram_quantile(histogram, QUANTILE_P1)) / 8);
	low = fmax(low, 1);
	if (high < low * 1.02)
		high = low * 1.02;
	scale->logarithmic = high / low > LOG_FROM;
	margin = scale->logarithmic ? pow(high / low, 0.02) : (high - low) * 0.03;
	scale->low = scale->logarithmic ? low / margin : fmax(low - margin, 0);
	scale->high = scale->logarithmic ? high * margin : high + margin;
}

/* A time as short as it can be said exactly on an axis. */
static struct time_text tick_text(double ns)
{
	struct time_text ret;
	double unit = ns >= 1e9 ? 1e9 : ns >= 1e6 ? 1e6 : ns >= 1e3 ? 1e3 : 1;
	const char *name = ns >= 1e9 ? "s" : ns >= 1e6 ? "ms" : ns >= 1e3 ? "µs" : "ns";

	snprintf(ret.text, sizeof(ret.text), "%.6g %s", ns / unit, name);
	return ret;
}

static void put_time_tick(FILE *out, const struct scale *scale, double ns, bool labelled)
{
	double x = x_of(scale, ns);

	if (ns < scale->low || ns > scale->high)
		return;
	fprintf(out, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", x, x,
		scale->y_top, scale->y_bottom);
	if (labelled)
		fprintf(out, "<text class=\"tick\" text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", x,
			scale->y_bottom + 18, tick_text(ns).text);
}

static void put_time_axis(FILE *out, const struct scale *scale)
{
	static const double steps[] = {1, 2, 5};
	double decades = log10(scale->high / fmax(scale->low, 1));
	double power, step;

	if (scale->logarithmic) {
		/* Labels at 1, 2, 5 where there is room; else at the powers of ten alone. */
		for (power = floor(log10(scale->low)); power <= log10(scale->high); power++)
			for (unsigned i = 0; i < 3; i++)
				put_time_tick(out, scale, steps[i] * pow(10, power), i == 0 || decades < 4);
		return;
	}
	step = (scale->high - scale->low) / 6;
	power = pow(10, floor(log10(step)));
	step = (step / power < 1.5 ? 1 : step / power < 3.5 ? 2 : step / power < 7.5 ? 5 : 10) * power;
	for (double ns = ceil(scale->low / step) * step; ns <= scale->high; ns += step)
		put_time_tick(out, scale, ns, true);
}

static void put_count_axis(FILE *out, const struct scale *scale)
{
	static const char *const suffix[] = {"", "k", "M", "G", "T", "P", "E"};
	unsigned top = (unsigned)scale->top;

	for (unsigned i = 0; i <= top; i++) {
		double y = y_of(scale, pow(10, i));

		fprintf(out, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, RIGHT, y, y);
		if (top < 8 || i % 3 == 0)
			fprintf(out, "<text class=\"tick\" text-anchor=\"end\" x=\"%d\" y=\"%.1f\">%.0f%s</text>\n",
				LEFT - 8, y + 4, pow(10, i % 3), suffix[i / 3]);
	}
	fprintf(out, "<text class=\"tick\" text-anchor=\"middle\" transform=\"translate(12 %.1f) rotate(-90)\">"
		     "samples</text>\n",
		(scale->y_top + scale->y_bottom) / 2);
	fprintf(out, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", LEFT, RIGHT,
		scale->y_bottom, scale->y_bottom);
}

static void put_bar(FILE *out, const struct scale *scale, const struct plot_bin *bin, uint64_t samples,
		    double budget_ns)
{
	double low = cycles_ns(scale, bin->low), high = cycles_ns(scale, bin->high + 1);
	double x = x_of(scale, low), width = x_of(scale, high) - x;
	double y = y_of(scale, (double)bin->count);

	if (width < 2)
		width = 2;
	/* A hair of space between bars shows the buckets, where there is room for it. */
	if (width > 4)
		width -= 0.6;
	fprintf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>",
		budget_ns > 0 && high > budget_ns ? "bar over" : "bar", x, y, width, scale->y_bottom - y);
	fprintf(out, "%s to %s µs: %llu of %llu samples</title></rect>\n",
		microseconds(cycles_to_ns(bin->low, scale->tsc_khz)).text,
		microseconds(cycles_to_ns(bin->high, scale->tsc_khz)).text, (unsigned long long)bin->count,
		(unsigned long long)samples);
}

/* What a marker's label takes, at the label's font size. */
static double label_width(const struct marker *marker)
{
	char text[64];
	int length = snprintf(text, sizeof(text), "%s %s us", marker->name,
			      microseconds(marker->ns).text);

	return length * 7.0 + 10;
}

struct extent {
	double start, end;
};

static struct extent label_extent(const struct marker *marker, const struct scale *scale)
{
	double x = x_of(scale, (double)marker->ns), width = label_width(marker);

	return marker->leftwards ? (struct extent){x - width, x} : (struct extent){x, x + width};
}

/*
 * A row for one label: above every line already placed that would cross its text, and clear of the
 * texts in the same row. Lines reach from their label down to the axis.
 */
static void label_place(struct marker *marker, struct marker *const *placed, unsigned count,
			const struct scale *scale)
{
	struct extent mine = label_extent(marker, scale);

	marker->row = 0;
	for (unsigned i = 0; i < count; i++) {
		double x = x_of(scale, (double)placed[i]->ns);

		if (x >= mine.start - 3 && x <= mine.end && placed[i]->row >= marker->row)
			marker->row = placed[i]->row + 1;
	}
	for (unsigned i = 0; i < count; i++) {
		struct extent other = label_extent(placed[i], scale);

		if (placed[i]->row != marker->row || other.end < mine.start || other.start > mine.end)
			continue;
		marker->row++;
		i = UINT_MAX; /* wraps to the first: another row, all texts again */
	}
}

/*
 * Labels stand right of their line, or left of it where there is no room. The first kind is placed
 * from the right, then the second from the left: so those whose lines can cross a text come before it.
 */
static unsigned markers_place(struct marker *marker, unsigned count, const struct scale *scale)
{
	struct marker *placed[MARKERS_MAX] = {NULL};
	unsigned done = 0, rows = 0;
	double limit = WIDTH;

	for (unsigned i = count; i-- > 0;) {
		double x = x_of(scale, (double)marker[i].ns);

		marker[i].leftwards = x + label_width(&marker[i]) > limit;
		if (marker[i].leftwards) {
			limit = x;
			continue;
		}
		label_place(&marker[i], placed, done, scale);
		placed[done++] = &marker[i];
	}
	for (unsigned i = 0; i < count; i++) {
		if (marker[i].leftwards) {
			label_place(&marker[i], placed, done, scale);
			placed[done++] = &marker[i];
		}
		rows = marker[i].row + 1 > rows ? marker[i].row + 1 : rows;
	}
	return rows;
}

static void put_marker(FILE *out, const struct scale *scale, const struct marker *marker, unsigned rows)
{
	double x = x_of(scale, (double)marker->ns);
	double y = 14 + (double)((rows - 1 - marker->row) * LABEL_STEP);

	fprintf(out, "<line class=\"mark %s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", marker->class, x,
		x, y - 9, scale->y_bottom);
	fprintf(out, "<text class=\"label %s\" x=\"%.1f\" y=\"%.1f\"%s><tspan class=\"what\">%s</tspan>"
		     " %s µs</text>\n",
		marker->class, marker->leftwards ? x - 5 : x + 5, y,
		marker->leftwards ? " text-anchor=\"end\"" : "", marker->name,
		microseconds(marker->ns).text);
}

static void markers_sort(struct marker *marker, unsigned count)
{
	for (unsigned i = 1; i < count; i++)
		for (unsigned j = i; j > 0 && marker[j - 1].ns > marker[j].ns; j--) {
			struct marker swap = marker[j];

			marker[j] = marker[j - 1];
			marker[j - 1] = swap;
		}
}

static unsigned markers_make(struct marker *ret, const struct histogram *histogram,
			     const struct verdict_terms *terms, bool judged)
{
	static const struct {
		const char *name;
		uint32_t ppm;
	} quantile[] = {{"p50", QUANTILE_P50}, {"p99", QUANTILE_P99}, {"p99.9", QUANTILE_P99_9}, {"max", 1000000}};
	unsigned count = 0;

	for (unsigned i = 0; i < sizeof(quantile) / sizeof(quantile[0]); i++)
		ret[count++] = (struct marker){
			.name = quantile[i].name,
			.class = "quantile",
			.ns = cycles_to_ns(histogram_quantile(histogram, quantile[i].ppm), terms->tsc_khz),
		};
	if (judged)
		ret[count++] = (struct marker){.name = "budget", .class = "budget", .ns = terms->budget_ns};
	markers_sort(ret, count);
	return count;
}

void plot_svg(FILE *out, const struct histogram *histogram, const struct verdict_terms *terms,
	      bool judged, const char *title)
{
	struct plot_bin bin[BINS];
	unsigned bins = plot_bins(histogram, BINS, bin);
	struct marker marker[MARKERS_MAX];
	unsigned markers = markers_make(marker, histogram, terms, judged);
	uint64_t highest = 1;
	struct scale scale;
	unsigned rows;

	scale_set(&scale, histogram, terms, judged);
	rows = markers_place(marker, markers, &scale);
	for (unsigned i = 0; i < bins; i++)
		highest = bin[i].count > highest ? bin[i].count : highest;
	scale.top = fmax(1, ceil(log10((double)highest * 1.1)));
	scale.y_top = rows * LABEL_STEP + 8;
	scale.y_bottom = scale.y_top + PLOT_HEIGHT;

	fprintf(out, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\"><title>%s</title>\n", WIDTH,
		scale.y_bottom + AXIS_HEIGHT, title);
	put_count_axis(out, &scale);
	put_time_axis(out, &scale);
	for (unsigned i = 0; i < bins; i++)
		if (bin[i].count > 0)
			put_bar(out, &scale, &bin[i], histogram->samples,
				judged ? (double)terms->budget_ns : 0);
	for (unsigned i = 0; i < markers; i++)
		put_marker(out, &scale, &marker[i], rows);
	fputs("</svg>\n", out);
}
