// SPDX-License-Identifier: Apache-2.0
#include "latency/probe_log.h"

#include <errno.h>
#include <string.h>

#include "core/base/diag.h"
#include "latency/probe_words.h"

/* Firmware may speak before the probe does, but not without end. */
enum { SKIPPED_MAX = 1 << 20 };

/* The lines of a mode, in their order; then come the buckets. */
enum field {
	FIELD_CLOCK,
	FIELD_CYCLES,
	FIELD_WARMUP,
	FIELD_FLOOR,
	FIELD_BELOW,
	FIELD_SAMPLES,
	FIELD_MIN,
	FIELD_MAX,
	FIELD_SUM,
	FIELD_OVERFLOW,
	FIELD_LOST,
	FIELD_BUCKET,
};

int probe_log_started(const struct probe_log *log)
{
	return log->started - 1;
}

static int refuse(struct probe_log *log, int error, struct diag *why, const char *text)
{
	log->error = diag_set(why, error, "the probe guest's output is not to be trusted: %s", text);
	diag_got(why, log->line, strlen(log->line));
	return log->error;
}

/* The rest of @line behind "@word ", or NULL. */
static const char *after(const char *line, const char *word)
{
	size_t length = strlen(word);

	return strncmp(line, word, length) == 0 && line[length] == ' ' ? line + length + 1 : NULL;
}

static bool copy(char *to, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || length >= size)
		return false;
	memcpy(to, text, length + 1);
	return true;
}

/* "KEY VALUE" behind "guest ". */
static int guest_line(struct probe_log *log, const char *rest, struct diag *why)
{
	const char *value;
	uint64_t number;

	if ((value = after(rest, "vendor")) != NULL && copy(log->result.vendor, sizeof(log->result.vendor), value))
		return 0;
	if ((value = after(rest, "apic")) != NULL && copy(log->result.apic, sizeof(log->result.apic), value))
		return 0;
	if ((value = after(rest, "tsc_deadline")) != NULL && probe_number_parse(value, strlen(value), &number) &&
	    number <= 1) {
		log->result.tsc_deadline = number != 0;
		return 0;
	}
	if ((value = after(rest, "tsc_khz")) != NULL &&
	    probe_number_parse(value, strlen(value), &log->result.tsc_khz))
		return 0;
	return refuse(log, EPROTO, why, "a bad guest line");
}

/* The measurement of a "mode", "start" or "end" line. */
static int named_measurement(const char *name)
{
	return probe_measurement_find(name, strlen(name));
}

static int mode_line(struct probe_log *log, const char *name, struct diag *why)
{
	int measurement = named_measurement(name);

	if (measurement < 0)
		return refuse(log, EPROTO, why, "an unknown measurement");
	if (log->result.measure[measurement].state != PROBE_NOT_RUN)
		return refuse(log, EPROTO, why, "a measurement twice");
	log->current = measurement;
	log->field = FIELD_CLOCK;
	log->in_mode = true;
	return 0;
}

static int unsupported_line(struct probe_log *log, const char *rest, struct diag *why)
{
	size_t length = strcspn(rest, " ");
	int measurement = probe_measurement_find(rest, length);
	struct probe_measure *measure;

	if (measurement < 0)
		return refuse(log, EPROTO, why, "an unknown measurement");
	measure = &log->result.measure[measurement];
	if (measure->state != PROBE_NOT_RUN)
		return refuse(log, EPROTO, why, "a measurement twice");
	if (rest[length] == '\0' || !copy(measure->reason, sizeof(measure->reason), rest + length + 1))
		return refuse(log, EPROTO, why, "unsupported without a reason");
	measure->state = PROBE_UNSUPPORTED;
	return 0;
}

static int bucket_line(struct probe_log *log, const char *rest, struct diag *why)
{
	struct histogram *histogram = &log->result.measure[log->current].histogram;
	size_t length = strcspn(rest, " ");
	uint64_t low, count;
	uint32_t index;

	if (rest[length] == '\0' || !probe_number_parse(rest, length, &low) ||
	    !probe_number_parse(rest + length + 1, strlen(rest + length + 1), &count) || count == 0)
		return refuse(log, EPROTO, why, "a bad bucket");
	index = bucket_index(low);
	if (index == BUCKET_COUNT || bucket_low(index) != low)
		return refuse(log, EPROTO, why, "a bucket that the layout does not have");
	/* field counts on from FIELD_BUCKET, so that it stands one past the last bucket seen. */
	if (index + FIELD_BUCKET < log->field)
		return refuse(log, EPROTO, why, "buckets that do not ascend");
	log->field = index + FIELD_BUCKET + 1;
	histogram->bucket[index] = count;
	return 0;
}

static int end_line(struct probe_log *log, const char *name, struct diag *why)
{
	struct probe_measure *measure = &log->result.measure[log->current];

	if (named_measurement(name) != log->current || log->field < FIELD_BUCKET)
		return refuse(log, EPROTO, why, "a measurement's end in the wrong place");
	if (histogram_check(&measure->histogram) < 0)
		return refuse(log, EPROTO, why, "a histogram that does not add up");
	measure->state = PROBE_MEASURED;
	log->in_mode = false;
	return 0;
}

/* "LINES CHECKSUM" behind "done ". */
static int done_line(struct probe_log *log, const char *rest, struct diag *why)
{
	static const char digits[] = "0123456789abcdef";
	size_t length = strcspn(rest, " ");
	uint32_t checksum = 0;
	uint64_t lines;

	if (!probe_number_parse(rest, length, &lines) || strlen(rest) != length + 9)
		return refuse(log, EPROTO, why, "a bad done line");
	for (const char *c = rest + length + 1; *c != '\0'; c++) {
		const char *digit = strchr(digits, *c);

		if (digit == NULL)
			return refuse(log, EPROTO, why, "a bad checksum");
		checksum = checksum << 4 | (uint32_t)(digit - digits);
	}
	if (lines != log->lines || checksum != log->checksum)
		return refuse(log, EPROTO, why, "lines were lost or changed on the way");
	log->done = true;
	return 0;
}

static int start_line(struct probe_log *log, const char *name, struct diag *why)
{
	int measurement = named_measurement(name);

	if (measurement < 0)
		return refuse(log, EPROTO, why, "an unknown measurement");
	log->started = measurement + 1;
	return 0;
}

static int error_line(struct probe_log *log, const char *reason, struct diag *why)
{
	diag_set(why, EREMOTEIO, "the probe guest failed");
	diag_got(why, reason, strlen(reason));
	log->error = -EREMOTEIO;
	return log->error;
}

static int inside_line(struct probe_log *log, struct diag *why)
{
	struct probe_measure *measure = &log->result.measure[log->current];
	struct histogram *histogram = &measure->histogram;
	const struct {
		const char *name;
		uint64_t *value;
	} field[] = {
		[FIELD_CLOCK] = {"clock", NULL},
		[FIELD_CYCLES] = {"cycles", &measure->cycles},
		[FIELD_WARMUP] = {"warmup", &measure->warmup},
		[FIELD_FLOOR] = {"floor", &histogram->floor},
		[FIELD_BELOW] = {"below", &histogram->below},
		[FIELD_SAMPLES] = {"samples", &histogram->samples},
		[FIELD_MIN] = {"min", &histogram->min},
		[FIELD_MAX] = {"max", &histogram->max},
		[FIELD_SUM] = {"sum", &histogram->sum},
		[FIELD_OVERFLOW] = {"overflow", &histogram->overflow},
		[FIELD_LOST] = {"lost", &histogram->lost},
	};
	const char *rest = after(log->line, "error");

	if (rest != NULL)
		return error_line(log, rest, why);
	if (log->field >= FIELD_BUCKET) {
		if ((rest = after(log->line, "bucket")) != NULL)
			return bucket_line(log, rest, why);
		if ((rest = after(log->line, "end")) != NULL)
			return end_line(log, rest, why);
		return refuse(log, EPROTO, why, "neither a bucket nor an end");
	}
	rest = after(log->line, field[log->field].name);
	if (rest == NULL)
		return refuse(log, EPROTO, why, "a field in the wrong place");
	if (log->field == FIELD_CLOCK ? !copy(measure->clock, sizeof(measure->clock), rest)
				      : !probe_number_parse(rest, strlen(rest), field[log->field].value))
		return refuse(log, EPROTO, why, "a bad field");
	log->field++;
	return 0;
}

static int outside_line(struct probe_log *log, struct diag *why)
{
	static const struct {
		const char *word;
		int (*take)(struct probe_log *log, const char *rest, struct diag *why);
	} table[] = {
		{"guest", guest_line}, {"start", start_line}, {"mode", mode_line},
		{"unsupported", unsupported_line}, {"error", error_line}, {"done", done_line},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *rest = after(log->line, table[i].word);

		if (rest != NULL)
			return table[i].take(log, rest, why);
	}
	return refuse(log, EPROTO, why, "a line that no probe prints");
}

static void account(struct probe_log *log, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		log->checksum = (log->checksum ^ (uint8_t)text[i]) * PROBE_FNV_PRIME;
	log->checksum = (log->checksum ^ '\n') * PROBE_FNV_PRIME;
	log->lines++;
}

/* Firmware may have left an unfinished line, so the banner may stand at the end of one. */
static int banner_line(struct probe_log *log, size_t length, struct diag *why)
{
	static const char start[] = "bulkhead-probe ";
	char *at = strstr(log->line, start);

	if (at == NULL)
		return 0;
	if (strcmp(at, PROBE_BANNER) != 0)
		return refuse(log, EPROTONOSUPPORT, why, "another version of the probe");
	log->banner = true;
	log->checksum = PROBE_FNV_START;
	account(log, at, length - (size_t)(at - log->line));
	return 0;
}

static bool printable(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (line[i] < ' ' || line[i] > '~')
			return false;
	return true;
}

/* A whole line stands in the buffer, without its end. */
static int line_take(struct probe_log *log, struct diag *why)
{
	size_t length = log->line_length;
	int r;

	log->line_length = 0;
	if (length > 0 && log->line[length - 1] == '\r')
		length--;
	log->line[length] = '\0';
	if (!log->banner)
		return banner_line(log, length, why);
	if (log->done)
		return length == 0 ? 0 : refuse(log, EPROTO, why, "something after the end");
	if (!printable(log->line, length))
		return refuse(log, EPROTO, why, "bytes that no probe prints");
	r = log->in_mode ? inside_line(log, why) : outside_line(log, why);
	account(log, log->line, length);
	return r;
}

/* Text before the banner that fits no line: keep its end, where the banner may have begun. */
static void line_shift(struct probe_log *log)
{
	size_t keep = PROBE_LINE_MAX / 2;

	memmove(log->line, log->line + log->line_length - keep, keep);
	log->line_length = keep;
}

int probe_log_feed(struct probe_log *log, const char *bytes, size_t count, struct diag *why)
{
	for (size_t i = 0; i < count && log->error == 0; i++) {
		if (!log->banner && ++log->skipped > SKIPPED_MAX) {
			log->line[0] = '\0';
			return refuse(log, EPROTO, why, "no banner in its first mebibyte");
		}
		if (bytes[i] == '\n') {
			if (line_take(log, why) < 0)
				break;
			continue;
		}
		if (log->line_length == sizeof(log->line) - 1) {
			if (log->banner) {
				log->line[log->line_length] = '\0';
				return refuse(log, EPROTO, why, "a line without end");
			}
			line_shift(log);
		}
		/* Firmware's zeros would hide the banner behind them. */
		log->line[log->line_length++] = bytes[i] == '\0' && !log->banner ? ' ' : bytes[i];
	}
	return log->error;
}

int probe_log_finish(struct probe_log *log, uint32_t asked, const struct probe_result **ret,
		     struct diag *why)
{
	if (log->error != 0)
		return log->error;
	if (!log->banner) {
		log->error = diag_set(why, ENODATA, "the probe guest said nothing");
		return log->error;
	}
	if (!log->done) {
		log->error = diag_set(why, ENODATA, "the probe guest ended in the middle of its report");
		return log->error;
	}
	for (unsigned i = 0; i < PROBE_MEASUREMENT_COUNT; i++) {
		if ((asked >> i & 1) == 0 || log->result.measure[i].state != PROBE_NOT_RUN)
			continue;
		diag_set(why, ENODATA, "the probe guest did not measure everything it was asked for");
		diag_got(why, probe_measurement_name((enum probe_measurement)i),
			 strlen(probe_measurement_name((enum probe_measurement)i)));
		log->error = -ENODATA;
		return log->error;
	}
	*ret = &log->result;
	return 0;
}
