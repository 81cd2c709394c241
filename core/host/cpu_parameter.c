// SPDX-License-Identifier: Apache-2.0
/* lib/bitmap-str.c and kernel/sched/isolation.c of the kernel. */
#include "core/host/cpu_parameter.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/host.h"

/* A number below CPULIST_MAX at *@text, and moves past it. */
static int number_parse(const char **text, unsigned *ret)
{
	char *end = NULL;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	unsigned long value = strtoul(*text, &end, 10);

	*text = end;
	*ret = (unsigned)value;
	return value < CPULIST_MAX ? 0 : -ERANGE;
}

/* The same of a CPU, where N is the last one. */
static int cpu_parse(const struct host_facts *host, const char **text, unsigned *ret)
{
	if (**text != 'N')
		return number_parse(text, ret);
	++*text;
	*ret = host->topology.cpu_count > 0 ? (unsigned)host->topology.cpu_count - 1 : 0;
	return 0;
}

/* What may follow a range, ":USED/GROUP": of each group of CPUs the first so many. */
static int stride_parse(const char **text, unsigned *ret_used, unsigned *ret_group)
{
	int error;

	++*text;
	error = number_parse(text, ret_used);
	if (error != 0 || **text != '/')
		return -EINVAL;
	++*text;
	error = number_parse(text, ret_group);
	return error != 0 || *ret_group == 0 || *ret_used > *ret_group ? -EINVAL : 0;
}

/* One of "2", "2-5", "0-15:1/4". */
static int item_parse(const struct host_facts *host, const char **text, struct cpulist *ret)
{
	unsigned first = 0;
	unsigned used = 1;
	unsigned group = 1;
	int error = cpu_parse(host, text, &first);
	unsigned last = first;

	if (error == 0 && **text == '-') {
		++*text;
		error = cpu_parse(host, text, &last);
	}
	if (error == 0 && **text == ':')
		error = stride_parse(text, &used, &group);
	if (error != 0 || last < first)
		return error != 0 ? error : -EINVAL;
	for (unsigned cpu = first; cpu <= last; cpu++) {
		if ((cpu - first) % group < used)
			cpulist_add(ret, cpu);
	}
	return 0;
}

int host_list_parse(const struct host_facts *host, const char *text, struct cpulist *ret)
{
	struct cpulist list = {0};

	if (strcmp(text, "all") == 0) {
		*ret = host->topology.present;
		return 0;
	}
	for (;; text++) {
		int error = item_parse(host, &text, &list);

		if (error != 0 || (*text != ',' && *text != '\0'))
			return error != 0 ? error : -EINVAL;
		if (*text == '\0')
			break;
	}
	*ret = list;
	return 0;
}

struct isolcpus host_isolcpus_parse(const char *text)
{
	struct isolcpus ret = {0};
	bool flags = false;

	while (isalpha((unsigned char)*text)) {
		size_t length = strcspn(text, ",");
		bool nohz = length == 4 && strncmp(text, "nohz", 4) == 0;
		bool domain = length == 6 && strncmp(text, "domain", 6) == 0;
		bool managed = length == 11 && strncmp(text, "managed_irq", 11) == 0;

		if (text[length] == '\0')
			ret.ignored = true;
		for (size_t i = 0; i < length; i++)
			ret.ignored |= !isalpha((unsigned char)text[i]) && text[i] != '_';
		ret.domain |= domain;
		ret.managed_irq |= managed;
		flags |= nohz || domain || managed;
		ret.skipped |= !nohz && !domain && !managed;
		text += length + (text[length] == ',');
	}
	ret.domain |= !flags;
	ret.ignored |= *text == '\0';
	ret.list = text;
	return ret;
}
