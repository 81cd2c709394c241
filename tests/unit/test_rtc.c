// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/devices/rtc.h"
#include "core/kvm/trap.h"

void test_rtc_register(void);

#define SECOND UINT64_C(1000000000)

enum { TSC_KHZ = 1000000 }; /* one tick is one nanosecond */

static uint64_t tsc;
static struct rtc rtc;
static struct trap_table table;

static uint64_t fake_tsc(void)
{
	return tsc;
}

static void start_at(uint64_t wall_seconds)
{
	table.count = 0;
	tsc = 5000;
	rtc_init(&rtc, wall_seconds * SECOND, tsc, TSC_KHZ, fake_tsc);
	CU_ASSERT_EQUAL_FATAL(rtc_add(&rtc, &table, NULL), 0);
}

static const struct trap *port(uint16_t number)
{
	const struct trap *trap = trap_find(&table, TRAP_PIO, number, 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(trap);
	return trap;
}

static uint8_t cmos_read(uint8_t index)
{
	const struct trap *trap = port(0x71);

	(void)trap->write(trap->device, 0, 1, index);
	return (uint8_t)trap->read(trap->device, 1, 1);
}

static void cmos_write(uint8_t index, uint8_t value)
{
	const struct trap *trap = port(0x71);

	(void)trap->write(trap->device, 0, 1, index);
	CU_ASSERT_EQUAL(trap->write(trap->device, 1, 1, value), TRAP_RESUME);
}

/* "2026-03-01 12:34:56 1" from BCD or binary registers, the last number the weekday. */
static const char *time_text(void)
{
	static char text[64];
	static const uint8_t index[8] = { 0x32, 9, 8, 7, 4, 2, 0, 6 };
	unsigned field[8];

	for (unsigned i = 0; i < 8; i++) {
		uint8_t byte = cmos_read(index[i]);

		field[i] = (cmos_read(11) & 4) != 0 ? byte : (byte >> 4) * 10U + (byte & 15U);
	}
	snprintf(text, sizeof(text), "%02u%02u-%02u-%02u %02u:%02u:%02u %u", field[0], field[1],
		 field[2], field[3], field[4], field[5], field[6], field[7]);
	return text;
}

static void it_tells_the_hosts_time(void)
{
	start_at(1772368496);
	CU_ASSERT_STRING_EQUAL(time_text(), "2026-03-01 12:34:56 1");
	tsc += 4 * SECOND;
	CU_ASSERT_STRING_EQUAL(time_text(), "2026-03-01 12:35:00 1");
	start_at(0);
	CU_ASSERT_STRING_EQUAL(time_text(), "1970-01-01 00:00:00 5");
}

/* Each day of four centuries, against the C library. */
static void its_calendar_is_the_c_librarys(void)
{
	for (time_t day = 0; day < 146097; day++) {
		time_t seconds = day * 86400 + 86399;
		struct tm tm;
		char expected[64];

		start_at((uint64_t)seconds);
		gmtime_r(&seconds, &tm);
		strftime(expected, sizeof(expected), "%Y-%m-%d %H:%M:%S ", &tm);
		snprintf(expected + strlen(expected), 16, "%d", tm.tm_wday + 1);
		if (strcmp(time_text(), expected) != 0) {
			CU_ASSERT_STRING_EQUAL_FATAL(time_text(), expected);
		}
	}
}

static void binary_and_12_hours(void)
{
	start_at(1772368496);
	cmos_write(11, 0x06);
	CU_ASSERT_EQUAL(cmos_read(4), 12);
	CU_ASSERT_EQUAL(cmos_read(9), 26);
	CU_ASSERT_EQUAL(cmos_read(0x32), 20);
	cmos_write(11, 0x00);
	CU_ASSERT_EQUAL(cmos_read(4), 0x92);
	tsc += 12 * 3600 * SECOND;
	CU_ASSERT_EQUAL(cmos_read(4), 0x12);
	tsc += 3600 * SECOND;
	CU_ASSERT_EQUAL(cmos_read(4), 0x01);
	cmos_write(11, 0x04);
	tsc += 22 * 3600 * SECOND;
	CU_ASSERT_EQUAL(cmos_read(4), 0x80 | 11);
}

/* As Linux' mc146818_set_time() does. */
static void set_time(const uint8_t field[8])
{
	static const uint8_t index[8] = { 0x32, 9, 8, 7, 4, 2, 0, 6 };
	uint8_t control = cmos_read(11);
	uint8_t select = cmos_read(10);

	cmos_write(11, control | 0x80);
	cmos_write(10, select | 0x70);
	for (unsigned i = 0; i < 8; i++)
		cmos_write(index[i], field[i]);
	cmos_write(11, control);
	cmos_write(10, select);
}

static void the_guest_sets_it(void)
{
	start_at(1772368496);
	set_time((const uint8_t[8]){ 0x19, 0x99, 0x12, 0x31, 0x23, 0x59, 0x58, 0x06 });
	CU_ASSERT_STRING_EQUAL(time_text(), "1999-12-31 23:59:58 6");
	tsc += 2 * SECOND;
	CU_ASSERT_STRING_EQUAL(time_text(), "2000-01-01 00:00:00 7");
	CU_ASSERT_EQUAL(cmos_read(10), 0x26);
}

static void while_it_is_set_it_stands(void)
{
	start_at(1772368496);
	cmos_write(11, 0x82);
	tsc += 10 * SECOND;
	CU_ASSERT_STRING_EQUAL(time_text(), "2026-03-01 12:34:56 1");
	cmos_write(0, 0x30);
	CU_ASSERT_EQUAL(cmos_read(0), 0x30);
	cmos_write(11, 0x02);
	CU_ASSERT_STRING_EQUAL(time_text(), "2026-03-01 12:34:30 1");
}

static void one_field_can_be_written_while_it_runs(void)
{
	start_at(1772368496);
	cmos_write(4, 0x07);
	CU_ASSERT_STRING_EQUAL(time_text(), "2026-03-01 07:34:56 1");
	cmos_write(6, 0x05);
	CU_ASSERT_STRING_EQUAL(time_text(), "2026-03-01 07:34:56 1");
}

static void a_time_that_does_not_exist_changes_nothing(void)
{
	static const uint8_t wrong[][2] = { { 0, 0x60 }, { 0, 0x0a }, { 2, 0x60 }, { 4, 0x24 },
					    { 7, 0x00 }, { 7, 0x32 }, { 8, 0x13 }, { 8, 0x00 },
					    { 9, 0xa0 }, { 0x32, 0xff } };

	start_at(1772368496);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cmos_write(wrong[i][0], wrong[i][1]);
		CU_ASSERT_STRING_EQUAL(time_text(), "2026-03-01 12:34:56 1");
	}
	/* The 30th of February, by month. */
	set_time((const uint8_t[8]){ 0x20, 0x26, 0x02, 0x30, 0x00, 0x00, 0x00, 0x01 });
	CU_ASSERT_STRING_EQUAL(time_text(), "2026-03-01 12:34:56 1");
	cmos_write(11, 0x00);
	cmos_write(4, 0x13);
	cmos_write(4, 0x00);
	CU_ASSERT_EQUAL(cmos_read(4), 0x92);
}

static void the_ends_of_its_calendar_hold(void)
{
	start_at(1772368496);
	set_time((const uint8_t[8]){ 0x99, 0x99, 0x12, 0x31, 0x23, 0x59, 0x59, 0x06 });
	CU_ASSERT_STRING_EQUAL(time_text(), "9999-12-31 23:59:59 6");
	tsc += 100 * SECOND;
	CU_ASSERT_STRING_EQUAL(time_text(), "9999-12-31 23:59:59 6");
	set_time((const uint8_t[8]){ 0x00, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x07 });
	CU_ASSERT_STRING_EQUAL(time_text(), "0000-01-01 00:00:00 7");
}

static void update_in_progress_comes_and_goes(void)
{
	start_at(1772368496);
	CU_ASSERT_EQUAL(cmos_read(10), 0x26);
	tsc += SECOND - 244001;
	CU_ASSERT_EQUAL(cmos_read(10), 0x26);
	tsc += 1;
	CU_ASSERT_EQUAL(cmos_read(10), 0xa6);
	tsc += 243999;
	CU_ASSERT_EQUAL(cmos_read(10), 0xa6);
	tsc += 1;
	CU_ASSERT_EQUAL(cmos_read(10), 0x26);
	cmos_write(10, 0xff);
	CU_ASSERT_EQUAL(cmos_read(10), 0x7f);
}

static void there_are_no_interrupts(void)
{
	start_at(1772368496);
	cmos_write(11, 0x7a);
	CU_ASSERT_EQUAL(cmos_read(11), 0x02);
	for (unsigned i = 0; i < 100; i++) {
		tsc += SECOND / 7;
		CU_ASSERT_EQUAL(cmos_read(12) & 0xa0, 0);
	}
}

static void flags_tell_what_passed(void)
{
	start_at(1772368496);
	cmos_write(10, 0x26);
	CU_ASSERT_EQUAL(cmos_read(12), 0);
	tsc += 976563; /* 1024 Hz */
	CU_ASSERT_EQUAL(cmos_read(12), 0x40);
	CU_ASSERT_EQUAL(cmos_read(12), 0);
	tsc += SECOND;
	CU_ASSERT_EQUAL(cmos_read(12), 0x50);
	cmos_write(10, 0x20);
	tsc += SECOND;
	CU_ASSERT_EQUAL(cmos_read(12), 0x10);
	cmos_write(10, 0x21);
	tsc += SECOND / 256;
	CU_ASSERT_EQUAL(cmos_read(12), 0x40);
	cmos_write(12, 0xff);
	cmos_write(13, 0x00);
	CU_ASSERT_EQUAL(cmos_read(12), 0);
	CU_ASSERT_EQUAL(cmos_read(13), 0x80);
}

static void memory_and_alarms_keep_what_is_written(void)
{
	start_at(1772368496);
	for (uint8_t i = 14; i < 128; i++)
		if (i != RTC_CENTURY_INDEX)
			cmos_write(i, (uint8_t)(i * 3));
	for (uint8_t i = 14; i < 128; i++)
		if (i != RTC_CENTURY_INDEX)
			CU_ASSERT_EQUAL(cmos_read(i), (uint8_t)(i * 3));
	for (uint8_t i = 1; i < 6; i += 2) {
		cmos_write(i, 0xc0);
		CU_ASSERT_EQUAL(cmos_read(i), 0xc0);
	}
}

static void the_index_port(void)
{
	const struct trap *trap;

	start_at(1772368496);
	trap = port(0x70);
	CU_ASSERT_EQUAL(trap->read(trap->device, 0, 1), 0xff);
	/* Bit 7 masks NMI and is no part of the index; a word writes index and data. */
	(void)trap->write(trap->device, 0, 2, 0x5a40 | 0x80);
	CU_ASSERT_EQUAL(cmos_read(0x40), 0x5a);
	CU_ASSERT_EQUAL(trap->read(trap->device, 0, 2), 0x5aff);
}

static void a_tsc_before_its_base_is_no_time(void)
{
	start_at(1772368496);
	tsc = 1;
	CU_ASSERT_STRING_EQUAL(time_text(), "2026-03-01 12:34:56 1");
}

static void years_of_ticks_do_not_overflow(void)
{
	start_at(1772368496);
	tsc += UINT64_C(100) * 365 * 86400 * SECOND;
	CU_ASSERT_STRING_EQUAL(time_text(), "2126-02-05 12:34:56 3");
}

void test_rtc_register(void)
{
	CU_pSuite suite = CU_add_suite("test_rtc", NULL, NULL);

	CU_ADD_TEST(suite, it_tells_the_hosts_time);
	CU_ADD_TEST(suite, its_calendar_is_the_c_librarys);
	CU_ADD_TEST(suite, binary_and_12_hours);
	CU_ADD_TEST(suite, the_guest_sets_it);
	CU_ADD_TEST(suite, while_it_is_set_it_stands);
	CU_ADD_TEST(suite, one_field_can_be_written_while_it_runs);
	CU_ADD_TEST(suite, a_time_that_does_not_exist_changes_nothing);
	CU_ADD_TEST(suite, the_ends_of_its_calendar_hold);
	CU_ADD_TEST(suite, update_in_progress_comes_and_goes);
	CU_ADD_TEST(suite, there_are_no_interrupts);
	CU_ADD_TEST(suite, flags_tell_what_passed);
	CU_ADD_TEST(suite, memory_and_alarms_keep_what_is_written);
	CU_ADD_TEST(suite, the_index_port);
	CU_ADD_TEST(suite, a_tsc_before_its_base_is_no_time);
	CU_ADD_TEST(suite, years_of_ticks_do_not_overflow);
}
