// SPDX-License-Identifier: Apache-2.0
#include "core/devices/rtc.h"

#include <stdbool.h>
#include <string.h>

#include "core/kvm/trap.h"

enum {
	REG_SECONDS = 0,
	REG_SECONDS_ALARM = 1,
	REG_MINUTES = 2,
	REG_MINUTES_ALARM = 3,
	REG_HOURS = 4,
	REG_HOURS_ALARM = 5,
	REG_WEEKDAY = 6, /* 1 is Sunday */
	REG_DAY = 7,
	REG_MONTH = 8,
	REG_YEAR = 9,
	REG_A = 10,
	REG_B = 11,
	REG_C = 12,
	REG_D = 13,

	A_UPDATE_IN_PROGRESS = 0x80,
	A_RATE = 0x0f,
	A_RESET = 0x26, /* 32.768 kHz divider, 1024 Hz rate */

	B_SET = 0x80, /* halt the clock, to set it */
	B_BINARY = 0x04,
	B_24_HOURS = 0x02,
	B_WRITABLE = 0x86, /* without the periodic, alarm and update interrupts, square wave, summer time */

	C_PERIODIC = 0x40,
	C_UPDATE = 0x10,

	D_VALID = 0x80, /* the battery is good */

	HOURS_PM = 0x80,
	INDEX_MASK = 0x7f, /* bit 7 of the index port masks NMI */
};

#define NS_PER_SECOND UINT64_C(1000000000)
#define UPDATE_NS UINT64_C(244000) /* UIP is set this long before the seconds change */
#define SECONDS_PER_DAY 86400
/* Years 0000 to 9999: what two bytes of BCD can say. Seconds since 1970. */
#define SECONDS_MIN INT64_C(-62167219200)
#define SECONDS_MAX INT64_C(253402300799)

struct calendar {
	int64_t year;
	unsigned month;
	unsigned day;
	unsigned weekday;
	unsigned hours;
	unsigned minutes;
	unsigned seconds;
};

/*
 * Days since 1970-01-01 of a date in the Gregorian calendar, and back. Both count from the 1st of
 * March of the year 0 in eras of 400 years, so that the leap day is the last of its year.
 */
static int64_t days_from_date(int64_t year, unsigned month, unsigned day)
{
	int64_t from_march = year - (month <= 2);
	int64_t era = (from_march >= 0 ? from_march : from_march - 399) / 400;
	int64_t year_of_era = from_march - era * 400;
	int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, struct calendar *ret)
{
	int64_t from_march = days + 719468;
	int64_t era = (from_march >= 0 ? from_march : from_march - 146096) / 146097;
	int64_t day_of_era = from_march - era * 146097;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned month_from_march = (unsigned)((5 * day_of_year + 2) / 153);

	ret->day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
	ret->month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
	ret->year = year_of_era + era * 400 + (ret->month <= 2);
	/* 1970-01-01 was a Thursday. */
	ret->weekday = (unsigned)(((days + 4) % 7 + 7) % 7) + 1;
}

static struct calendar calendar_from_seconds(int64_t seconds)
{
	struct calendar ret;
	int64_t days = seconds / SECONDS_PER_DAY;
	int64_t rest = seconds % SECONDS_PER_DAY;

	if (rest < 0) {
		rest += SECONDS_PER_DAY;
		days--;
	}
	date_from_days(days, &ret);
	ret.hours = (unsigned)(rest / 3600);
	ret.minutes = (unsigned)(rest / 60 % 60);
	ret.seconds = (unsigned)(rest % 60);
	return ret;
}

static uint64_t host_tsc(void)
{
	return __builtin_ia32_rdtsc();
}

/* The host's time of day. A TSC seen before @tsc_base, by another CPU, is no time at all. */
static uint64_t wall_ns(const struct rtc *rtc)
{
	uint64_t now = rtc->read_tsc();
	uint64_t ticks = now > rtc->tsc_base ? now - rtc->tsc_base : 0;

	return rtc->wall_ns + (uint64_t)((unsigned __int128)ticks * 1000000 / rtc->tsc_khz);
}

static int64_t guest_seconds(const struct rtc *rtc)
{
	int64_t seconds = (int64_t)(wall_ns(rtc) / NS_PER_SECOND) + rtc->offset_seconds;

	return seconds < SECONDS_MIN ? SECONDS_MIN : seconds > SECONDS_MAX ? SECONDS_MAX : seconds;
}

static bool halted(const struct rtc *rtc)
{
	return (rtc->cmos[REG_B] & B_SET) != 0;
}

static uint8_t encode(const struct rtc *rtc, unsigned value)
{
	if ((rtc->cmos[REG_B] & B_BINARY) != 0)
		return (uint8_t)value;
	return (uint8_t)(value / 10 << 4 | value % 10);
}

/* Returns a value above 99, which no field can have, for what is not BCD. */
static unsigned decode(const struct rtc *rtc, uint8_t byte)
{
	if ((rtc->cmos[REG_B] & B_BINARY) != 0)
		return byte;
	return (byte & 0xf) > 9 || byte >> 4 > 9 ? UINT8_MAX : (byte >> 4) * 10U + (byte & 0xf);
}

static uint8_t encode_hours(const struct rtc *rtc, unsigned hours)
{
	uint8_t pm = hours >= 12 ? HOURS_PM : 0;

	if ((rtc->cmos[REG_B] & B_24_HOURS) != 0)
		return encode(rtc, hours);
	return encode(rtc, hours % 12 == 0 ? 12 : hours % 12) | pm;
}

static unsigned decode_hours(const struct rtc *rtc, uint8_t byte)
{
	if ((rtc->cmos[REG_B] & B_24_HOURS) != 0)
		return decode(rtc, byte);

	unsigned hours = decode(rtc, byte & (uint8_t)~HOURS_PM);

	if (hours < 1 || hours > 12)
		return UINT8_MAX;
	return hours % 12 + ((byte & HOURS_PM) != 0 ? 12 : 0);
}

/* Put the time into the registers, as it would stand there now. */
static void store_time(struct rtc *rtc)
{
	struct calendar now = calendar_from_seconds(guest_seconds(rtc));

	rtc->cmos[REG_SECONDS] = encode(rtc, now.seconds);
	rtc->cmos[REG_MINUTES] = encode(rtc, now.minutes);
	rtc->cmos[REG_HOURS] = encode_hours(rtc, now.hours);
	rtc->cmos[REG_WEEKDAY] = encode(rtc, now.weekday);
	rtc->cmos[REG_DAY] = encode(rtc, now.day);
	rtc->cmos[REG_MONTH] = encode(rtc, now.month);
	rtc->cmos[REG_YEAR] = encode(rtc, (unsigned)(now.year % 100));
	rtc->cmos[RTC_CENTURY_INDEX] = encode(rtc, (unsigned)(now.year / 100));
}

/*
 * Make the registers' time the guest's. One that does not exist (the 32nd, 25 hours, not BCD) leaves
 * the clock as it was. The weekday is the date's own, whatever was written.
 */
static void load_time(struct rtc *rtc)
{
	unsigned century = decode(rtc, rtc->cmos[RTC_CENTURY_INDEX]);
	unsigned year = decode(rtc, rtc->cmos[REG_YEAR]);
	unsigned month = decode(rtc, rtc->cmos[REG_MONTH]);
	unsigned day = decode(rtc, rtc->cmos[REG_DAY]);
	unsigned hours = decode_hours(rtc, rtc->cmos[REG_HOURS]);
	unsigned minutes = decode(rtc, rtc->cmos[REG_MINUTES]);
	unsigned seconds = decode(rtc, rtc->cmos[REG_SECONDS]);
	struct calendar back;
	int64_t days;

	if (century > 99 || year > 99 || month < 1 || month > 12 || day < 1 || day > 31 ||
	    hours > 23 || minutes > 59 || seconds > 59)
		return;
	days = days_from_date(century * 100 + year, month, day);
	date_from_days(days, &back);
	if (back.day != day)
		return;
	rtc->offset_seconds = days * SECONDS_PER_DAY + hours * 3600 + minutes * 60 + seconds -
			      (int64_t)(wall_ns(rtc) / NS_PER_SECOND);
}

static bool is_time(uint8_t index)
{
	return index == REG_SECONDS || index == REG_MINUTES || index == REG_HOURS ||
	       (index >= REG_WEEKDAY && index <= REG_YEAR) || index == RTC_CENTURY_INDEX;
}

/* A function of the time alone, so it can never be stuck for a guest that waits for it to clear. */
static uint8_t read_a(const struct rtc *rtc)
{
	bool soon = wall_ns(rtc) % NS_PER_SECOND >= NS_PER_SECOND - UPDATE_NS;

	return rtc->cmos[REG_A] | (soon && !halted(rtc) ? A_UPDATE_IN_PROGRESS : 0);
}

/*
 * The flags say what happened since they were last read. Some guests poll them for a delay. The
 * alarm's flag stays clear, as does that of an interrupt.
 */
static uint8_t read_c(struct rtc *rtc)
{
	uint64_t now = wall_ns(rtc);
	uint64_t before = rtc->flags_read_ns;
	unsigned rate = rtc->cmos[REG_A] & A_RATE;
	uint8_t flags = 0;

	/* Rates 1 and 2 are the same as 8 and 9. Ticks of 32.768 kHz: 2^(rate - 1). */
	if (rate == 1 || rate == 2)
		rate += 7;
	if (rate != 0) {
		uint64_t period_ns = (NS_PER_SECOND << (rate - 1)) / 32768;

		if (now / period_ns != before / period_ns)
			flags |= C_PERIODIC;
	}
	if (!halted(rtc) && now / NS_PER_SECOND != before / NS_PER_SECOND)
		flags |= C_UPDATE;
	rtc->flags_read_ns = now;
	return flags;
}

static uint8_t read_cmos(struct rtc *rtc)
{
	uint8_t index = rtc->index;

	if (index == REG_A)
		return read_a(rtc);
	if (index == REG_C)
		return read_c(rtc);
	if (index == REG_D)
		return D_VALID;
	if (is_time(index) && !halted(rtc))
		store_time(rtc);
	return rtc->cmos[index];
}

static void write_b(struct rtc *rtc, uint8_t value)
{
	bool was_halted = halted(rtc);

	/* Halting keeps the time in the format it had until now; the chip converts nothing. */
	if (!was_halted && (value & B_SET) != 0)
		store_time(rtc);
	rtc->cmos[REG_B] = value & B_WRITABLE;
	if (was_halted && (value & B_SET) == 0)
		load_time(rtc);
}

static void write_cmos(struct rtc *rtc, uint8_t value)
{
	uint8_t index = rtc->index;

	if (index == REG_A) {
		rtc->cmos[REG_A] = value & (uint8_t)~A_UPDATE_IN_PROGRESS;
	} else if (index == REG_B) {
		write_b(rtc, value);
	} else if (index == REG_C || index == REG_D) {
		return;
	} else if (is_time(index) && !halted(rtc)) {
		store_time(rtc);
		rtc->cmos[index] = value;
		load_time(rtc);
	} else {
		rtc->cmos[index] = value;
	}
}

/* The index cannot be read back; a wide access is one to each port in turn. */
static uint64_t port_read(void *device, uint64_t offset, unsigned length)
{
	struct rtc *rtc = device;
	uint64_t value = 0;

	vcpu_lock(&rtc->lock);
	for (unsigned i = 0; i < length; i++)
		value |= (uint64_t)(offset + i == 0 ? UINT8_MAX : read_cmos(rtc)) << (8 * i);
	vcpu_unlock(&rtc->lock);
	return value;
}

static enum trap_action port_write(void *device, uint64_t offset, unsigned length, uint64_t value)
{
	struct rtc *rtc = device;

	vcpu_lock(&rtc->lock);
	for (unsigned i = 0; i < length; i++) {
		uint8_t byte = (uint8_t)(value >> (8 * i));

		if (offset + i == 0)
			rtc->index = byte & INDEX_MASK;
		else
			write_cmos(rtc, byte);
	}
	vcpu_unlock(&rtc->lock);
	return TRAP_RESUME;
}

void rtc_init(struct rtc *rtc, uint64_t wall, uint64_t tsc_base, uint64_t tsc_khz,
	      uint64_t (*read_tsc)(void))
{
	memset(rtc, 0, sizeof(*rtc));
	rtc->wall_ns = wall;
	rtc->tsc_base = tsc_base;
	rtc->tsc_khz = tsc_khz;
	rtc->read_tsc = read_tsc != NULL ? read_tsc : host_tsc;
	rtc->flags_read_ns = wall;
	rtc->cmos[REG_A] = A_RESET;
	rtc->cmos[REG_B] = B_24_HOURS;
}

int rtc_add(struct rtc *rtc, struct trap_table *table, struct diag *why)
{
	const struct trap trap = {
		.space = TRAP_PIO,
		.first = RTC_PORT,
		.last = RTC_PORT + 1,
		.read = port_read,
		.write = port_write,
		.device = rtc,
		.name = "rtc",
	};

	return trap_add(table, &trap, why);
}
