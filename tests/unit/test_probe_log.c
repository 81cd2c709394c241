// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "latency/probe_log.h"

void test_probe_log_register(void);

enum { TEXT_MAX = 8192 };

static struct probe_log probe_log;
static const struct probe_result *result;
static struct diag why;

/* The lines of a run without its done line, which done() adds as the probe would. */
static char text[TEXT_MAX];
static size_t length;

__attribute__((format(printf, 1, 2))) static void begin(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	length = (size_t)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	probe_log = (struct probe_log){ 0 };
	why = (struct diag){ 0 };
	result = NULL;
}

static void done(void)
{
	const char *start = strstr(text, "bulkhead-probe");
	uint32_t checksum = PROBE_FNV_START;
	unsigned lines = 0;

	for (const char *c = start; *c != '\0'; c++) {
		if (*c == '\r')
			continue;
		checksum = (checksum ^ (uint8_t)*c) * PROBE_FNV_PRIME;
		lines += *c == '\n';
	}
	length += (size_t)snprintf(text + length, sizeof(text) - length, "done %u %08x\n", lines, checksum);
}

static int feed(void)
{
	return probe_log_feed(&probe_log, text, length, &why);
}

static int finish(uint32_t asked)
{
	int r = feed();

	return r < 0 ? r : probe_log_finish(&probe_log, asked, &result, &why);
}

#define TIMER(samples, min, max, sum, buckets) \
	"start timer\nmode timer\nclock tsc-deadline\ncycles 5000\nwarmup 16\nfloor 0\nbelow 0\nsamples " samples \
	"\nmin " min "\nmax " max "\nsum " sum "\noverflow 0\nlost 0\n" buckets "end timer\n"
#define GOOD_TIMER TIMER("3", "100", "130", "330", "bucket 100 2\nbucket 130 1\n")
#define GUEST "guest vendor GenuineIntel\nguest apic x2apic\nguest tsc_deadline 1\nguest tsc_khz 2400000\n"

static void a_whole_run_is_read(void)
{
	begin("%s\n" GUEST GOOD_TIMER "unsupported hypercall VMCALL does not work\n", PROBE_BANNER);
	done();
	CU_ASSERT_EQUAL_FATAL(finish(1U << PROBE_TIMER | 1U << PROBE_HYPERCALL), 0);
	CU_ASSERT_EQUAL(result->measure[PROBE_TIMER].state, PROBE_MEASURED);
	CU_ASSERT_EQUAL(result->measure[PROBE_TIMER].histogram.samples, 3);
	CU_ASSERT_EQUAL(result->measure[PROBE_TIMER].histogram.max, 130);
	CU_ASSERT_EQUAL(result->measure[PROBE_TIMER].warmup, 16);
	CU_ASSERT_STRING_EQUAL(result->measure[PROBE_TIMER].clock, "tsc-deadline");
	CU_ASSERT_EQUAL(result->measure[PROBE_HYPERCALL].state, PROBE_UNSUPPORTED);
	CU_ASSERT_STRING_EQUAL(result->measure[PROBE_HYPERCALL].reason, "VMCALL does not work");
	CU_ASSERT_STRING_EQUAL(result->vendor, "GenuineIntel");
	CU_ASSERT_TRUE(result->tsc_deadline);
	CU_ASSERT_EQUAL(result->tsc_khz, 2400000);
	CU_ASSERT_EQUAL(probe_log_started(&probe_log), PROBE_TIMER);
}

static void pieces_make_no_difference(void)
{
	begin("%s\n" GOOD_TIMER, PROBE_BANNER);
	done();
	for (size_t i = 0; i < length; i++)
		CU_ASSERT_EQUAL_FATAL(probe_log_feed(&probe_log, text + i, 1, &why), 0);
	CU_ASSERT_EQUAL(probe_log_finish(&probe_log, 1U << PROBE_TIMER, &result, &why), 0);
}

static void firmware_and_carriage_returns_are_skipped(void)
{
	char noise[700];

	memset(noise, 'x', sizeof(noise));
	noise[sizeof(noise) - 1] = '\0';
	begin("\033[2JSeaBIOS\r\n%s\r\n%sBooting from ROM..%s\r\n", noise, noise, PROBE_BANNER);
	done();
	CU_ASSERT_EQUAL(finish(0), 0);
}

static void every_truncation_is_noticed(void)
{
	begin("%s\n" GUEST GOOD_TIMER, PROBE_BANNER);
	done();
	for (size_t cut = 0; cut < length; cut++) {
		probe_log = (struct probe_log){ 0 };
		if (probe_log_feed(&probe_log, text, cut, &why) == 0)
			CU_ASSERT_EQUAL_FATAL(probe_log_finish(&probe_log, 0, &result, &why), -ENODATA);
	}
}

static void every_lost_byte_is_noticed(void)
{
	char whole[TEXT_MAX];
	size_t all;

	begin("%s\n" GUEST GOOD_TIMER, PROBE_BANNER);
	done();
	memcpy(whole, text, length);
	all = length;
	for (size_t lost = 0; lost < all; lost++) {
		begin(" ");
		memcpy(text, whole, lost);
		memcpy(text + lost, whole + lost + 1, all - lost - 1);
		length = all - 1;
		CU_ASSERT_FATAL(finish(0) < 0);
	}
}

static void what_was_asked_for_must_be_there(void)
{
	begin("%s\n" GOOD_TIMER, PROBE_BANNER);
	done();
	CU_ASSERT_EQUAL(finish(1U << PROBE_TIMER | 1U << PROBE_PIO), -ENODATA);
	CU_ASSERT_STRING_EQUAL(why.got, "pio");
	CU_ASSERT_PTR_NULL(result);
	begin("%s\n", PROBE_BANNER);
	CU_ASSERT_EQUAL(finish(0), -ENODATA);
	begin(" ");
	CU_ASSERT_EQUAL(finish(0), -ENODATA);
}

static void the_probe_may_fail(void)
{
	begin("%s\nerror exception 14 at 0x1 code 0x2\n", PROBE_BANNER);
	CU_ASSERT_EQUAL(finish(0), -EREMOTEIO);
	CU_ASSERT_STRING_EQUAL(why.got, "exception 14 at 0x1 code 0x2");
	begin("bulkhead-probe 2\n");
	CU_ASSERT_EQUAL(finish(0), -EPROTONOSUPPORT);
	begin("bulkhead-probe 11\n");
	CU_ASSERT_EQUAL(finish(0), -EPROTONOSUPPORT);
}

static void refused(const char *lines)
{
	begin("%s\n%s", PROBE_BANNER, lines);
	if (strstr(text, "done") == NULL)
		done();
	CU_ASSERT_EQUAL(finish(0), -EPROTO);
	CU_ASSERT_EQUAL(why.error, EPROTO);
	/* And ever after. */
	CU_ASSERT_EQUAL(probe_log_feed(&probe_log, "\n", 1, &why), -EPROTO);
	CU_ASSERT_EQUAL(probe_log_finish(&probe_log, 0, &result, &why), -EPROTO);
}

static void lies_are_refused(void)
{
	refused("hello\n");
	refused("\n");
	refused("mode tiger\n");
	refused("start tiger\n");
	refused("mode timer\nsamples 3\n");
	refused("guest tsc_khz many\n");
	refused("guest vendor AVendorNameThatIsFarTooLong\n");
	refused("guest hat on\n");
	refused("unsupported pio\n");
	refused("unsupported pio \n");
	refused(GOOD_TIMER GOOD_TIMER);
	refused(GOOD_TIMER "unsupported timer why not\n");
	refused("unsupported timer a\nunsupported timer b\n");
	refused("done 1 0123456\n");
	refused("done 1 0123456g\n");
	refused("done 1 00000000\n");
	refused("done 99999999999999999999999 00000000\n");
}

static void false_histograms_are_refused(void)
{
	refused(TIMER("4", "100", "130", "330", "bucket 100 2\nbucket 130 1\n"));
	refused(TIMER("3", "90", "130", "330", "bucket 100 2\nbucket 130 1\n"));
	refused(TIMER("3", "100", "900", "330", "bucket 100 2\nbucket 130 1\n"));
	refused(TIMER("3", "100", "130", "30", "bucket 100 2\nbucket 130 1\n"));
	refused(TIMER("3", "100", "130", "330", "bucket 130 1\nbucket 100 2\n"));
	refused(TIMER("3", "100", "100", "300", "bucket 100 2\nbucket 100 1\n"));
	refused(TIMER("3", "100", "131", "330", "bucket 100 2\nbucket 131 1\n"));
	refused(TIMER("2", "100", "100", "200", "bucket 100 2\nbucket 130 0\n"));
	refused(TIMER("0", "0", "0", "0", "bucket 1099511627776 1\n"));
	refused(TIMER("0", "0", "0", "0", "bucket 7\n"));
	refused(TIMER("18446744073709551616", "1", "1", "1", "bucket 1 1\n"));
	refused(TIMER("01", "1", "1", "1", "bucket 1 1\n"));
	refused(TIMER("-1", "1", "1", "1", "bucket 1 1\n"));
	refused(TIMER("1", "1", "1", "1", "bucket 1 1\nend pio\n"));
}

static void garbage_is_refused(void)
{
	char line[PROBE_LINE_MAX + 10];

	memset(line, 'a', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	refused(line);
	refused("guest vendor \033[2J\n");
	refused("guest vendor \xff\xfe\n");
	begin("%s\n", PROBE_BANNER);
	done();
	CU_ASSERT_EQUAL(feed(), 0);
	CU_ASSERT_EQUAL(probe_log_feed(&probe_log, "\r\n\n", 3, &why), 0);
	CU_ASSERT_EQUAL(probe_log_feed(&probe_log, "more\n", 5, &why), -EPROTO);
}

static void silence_has_an_end(void)
{
	int r = 0;

	begin(" ");
	memset(text, 'z', sizeof(text));
	for (unsigned i = 0; i < 200 && r == 0; i++)
		r = probe_log_feed(&probe_log, text, sizeof(text), &why);
	CU_ASSERT_EQUAL(r, -EPROTO);
}

static void modes_lists(void)
{
	uint32_t mask = 0;

	CU_ASSERT_EQUAL(probe_modes_parse("timer", &mask, &why), 0);
	CU_ASSERT_EQUAL(mask, 1U << PROBE_TIMER);
	CU_ASSERT_EQUAL(probe_modes_parse("pio:100,ipi,idle", &mask, &why), 0);
	CU_ASSERT_EQUAL(mask, 1U << PROBE_PIO | 1U << PROBE_IPI | 1U << PROBE_IPI_ROUND_TRIP | 1U << PROBE_IDLE);
	mask = 77;
	CU_ASSERT_EQUAL(probe_modes_parse("", &mask, &why), -EINVAL);
	CU_ASSERT_EQUAL(probe_modes_parse("timer,", &mask, &why), -EINVAL);
	CU_ASSERT_EQUAL(probe_modes_parse("timer,timer", &mask, &why), -EINVAL);
	CU_ASSERT_EQUAL(probe_modes_parse("timer:", &mask, &why), -EINVAL);
	CU_ASSERT_EQUAL(probe_modes_parse("timer:x", &mask, &why), -EINVAL);
	CU_ASSERT_EQUAL(probe_modes_parse("ipi-round-trip", &mask, &why), -EINVAL);
	CU_ASSERT_EQUAL(probe_modes_parse("tim", &mask, &why), -EINVAL);
	CU_ASSERT_EQUAL(mask, 77);
}

void test_probe_log_register(void)
{
	CU_pSuite suite = CU_add_suite("test_probe_log", NULL, NULL);

	CU_ADD_TEST(suite, a_whole_run_is_read);
	CU_ADD_TEST(suite, pieces_make_no_difference);
	CU_ADD_TEST(suite, firmware_and_carriage_returns_are_skipped);
	CU_ADD_TEST(suite, every_truncation_is_noticed);
	CU_ADD_TEST(suite, every_lost_byte_is_noticed);
	CU_ADD_TEST(suite, what_was_asked_for_must_be_there);
	CU_ADD_TEST(suite, the_probe_may_fail);
	CU_ADD_TEST(suite, lies_are_refused);
	CU_ADD_TEST(suite, false_histograms_are_refused);
	CU_ADD_TEST(suite, garbage_is_refused);
	CU_ADD_TEST(suite, silence_has_an_end);
	CU_ADD_TEST(suite, modes_lists);
}
