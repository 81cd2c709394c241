// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/sketch.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/host/host.h"

/* struct sketch - a text in the making; @seed: xorshift64*, Vigna 2016. */
struct sketch {
	char *text;
	size_t size;
	size_t used;
	uint64_t seed;
	const struct host_facts *host;
	struct cpulist free;
};

static void write_text(struct sketch *sketch, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void write_text(struct sketch *sketch, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(sketch->text + sketch->used, sketch->size - sketch->used, format, arguments);
	va_end(arguments);
	if (length > 0 && (size_t)length < sketch->size - sketch->used)
		sketch->used += (size_t)length;
}

static unsigned below(struct sketch *sketch, unsigned limit)
{
	sketch->seed ^= sketch->seed >> 12;
	sketch->seed ^= sketch->seed << 25;
	sketch->seed ^= sketch->seed >> 27;
	return (unsigned)((sketch->seed * UINT64_C(2685821657736338717)) >> 33) % limit;
}

static bool once_in(struct sketch *sketch, unsigned times)
{
	return below(sketch, times) == 0;
}

static void write_cpus(struct sketch *sketch, const char *key, const struct cpulist *cpus)
{
	char text[CPULIST_TEXT_MAX];

	write_text(sketch, "%s: %s\n", key, cpulist_format(cpus, text, sizeof(text)));
}

/* All CPUs of some core that is still free, or with some chance one CPU whatever it is. */
static void take_core(struct sketch *sketch, struct cpulist *cpus)
{
	const struct host_topology *topology = &sketch->host->topology;
	unsigned start = below(sketch, (unsigned)topology->cpu_count);
	struct cpulist core;

	if (once_in(sketch, 40)) {
		cpulist_add(cpus, start);
		return;
	}
	for (unsigned i = 0; i < topology->cpu_count; i++) {
		unsigned cpu = (start + i) % (unsigned)topology->cpu_count;

		if (!cpulist_has(&sketch->free, cpu))
			continue;
		topology_siblings(topology, cpu, &core);
		cpulist_or(cpus, &core, cpus);
		cpulist_minus(&sketch->free, &core, &sketch->free);
		return;
	}
}

static void write_space(struct sketch *sketch, const struct cpulist *cpus)
{
	static const char *const within[] = {"cache", "node", "machine", "machine"};
	static const char *const isolation[] = {"any", "cpuset", "isolcpus", "affinity"};

	write_cpus(sketch, "    cpus", cpus);
	write_text(sketch, "    placement: {within: %s, siblings: %s}\n", within[below(sketch, 4)],
		   once_in(sketch, 8) ? "shared" : "own");
	if (once_in(sketch, 3))
		write_text(sketch, "    isolation: %s\n", isolation[below(sketch, 4)]);
	if (once_in(sketch, 6))
		write_text(sketch, "    cache: {l3-ways: %u}\n", 1 + below(sketch, 6));
	if (once_in(sketch, 8))
		write_text(sketch, "    interrupts: {posted: required}\n");
	if (once_in(sketch, 5))
		write_text(sketch, "    devices: [{vfio: \"0000:0%u:00.0\", node: %s}]\n",
			   below(sketch, 8), once_in(sketch, 2) ? "any" : "near");
}

static void write_memory(struct sketch *sketch, bool placed)
{
	static const char *const pages[] = {"4K", "2M", "1G"};
	unsigned kind = once_in(sketch, 3) ? below(sketch, 3) : 0;

	write_text(sketch, "    memory: {size: %uG, pages: %s", 1 + below(sketch, 8) * 2, pages[kind]);
	if (placed && once_in(sketch, 10))
		write_text(sketch, ", node: %u", below(sketch, 4));
	write_text(sketch, "}\n");
}

static void write_tasks(struct sketch *sketch)
{
	bool ranked = once_in(sketch, 2);
	unsigned count = 1 + below(sketch, 4);

	write_text(sketch, "    schedule: {policy: deadline}\n    tasks:\n      order: %s\n"
		   "      exit-cost: %uus\n      set:\n", ranked ? "fixed-priority" : "edf",
		   below(sketch, 30));
	for (unsigned i = 0; i < count; i++) {
		unsigned period = 1000 * (1 + below(sketch, 20));
		unsigned budget = 1 + below(sketch, period / (2 * count));
		unsigned deadline = budget + below(sketch, period - budget + 1);

		write_text(sketch, "        - {name: t%u, period: %uus, budget: %uus, deadline: %uus",
			   i, period, budget, deadline);
		if (ranked)
			write_text(sketch, ", priority: %u", 1 + below(sketch, 90));
		write_text(sketch, "}\n");
	}
}

static void write_reservation(struct sketch *sketch)
{
	unsigned period = 200 * (1 + below(sketch, 50));
	unsigned runtime = 2 + below(sketch, period / 2);
	unsigned deadline = once_in(sketch, 2) ? period : runtime + below(sketch, period - runtime + 1);

	write_text(sketch, "    schedule: {policy: deadline, runtime: %uus, deadline: %uus, "
		   "period: %uus}\n", runtime, deadline, period);
}

/* Up to three partitions that share the same CPUs by reservations. */
static void write_temporal(struct sketch *sketch, unsigned *number)
{
	unsigned sharers = 1 + below(sketch, 3);
	struct cpulist cpus = {0};

	take_core(sketch, &cpus);
	if (cpulist_empty(&cpus))
		return;
	/* Mostly one CPU of the core: on two, each would be the other's sibling. */
	if (!once_in(sketch, 8)) {
		unsigned first = cpulist_next(&cpus, 0);

		cpus = (struct cpulist){0};
		cpulist_add(&cpus, first);
	}
	for (unsigned i = 0; i < sharers; i++) {
		write_text(sketch, "  - name: p%u\n    boot: {kernel: probe}\n", (*number)++);
		write_cpus(sketch, "    cpus", &cpus);
		write_text(sketch, "    memory: {size: 64M}\n");
		if (once_in(sketch, 3))
			write_tasks(sketch);
		else
			write_reservation(sketch);
	}
}

static void write_spatial(struct sketch *sketch, unsigned *number)
{
	struct cpulist cpus = {0};

	for (unsigned i = 1 + below(sketch, 3); i > 0; i--)
		take_core(sketch, &cpus);
	write_text(sketch, "  - name: p%u\n    boot: {kernel: probe}\n", (*number)++);
	if (cpulist_empty(&cpus) || once_in(sketch, 12))
		write_text(sketch, "    vcpus: %u\n", 1 + below(sketch, 4));
	else
		write_space(sketch, &cpus);
	write_memory(sketch, !cpulist_empty(&cpus));
	if (once_in(sketch, 2))
		write_text(sketch, "    schedule: {policy: fifo, priority: 1}\n");
}

/* What is written to, is so through the sketch, which clang-tidy does not follow. */
// NOLINTNEXTLINE(readability-non-const-parameter)
void sketch_machine(const struct host_facts *host, uint64_t seed, char *text, size_t size)
{
	struct sketch sketch = {.text = text, .size = size, .seed = seed * 2 + 1, .host = host,
				.free = host->topology.online};
	struct cpulist boot;
	unsigned number = 0;

	topology_siblings(&host->topology, cpulist_next(&host->topology.online, 0), &boot);
	cpulist_minus(&sketch.free, &boot, &sketch.free);
	for (int i = 0; i < 8; i++)
		below(&sketch, 2);
	write_text(&sketch, "machine: sketch\nhost:\n  kernel: %s\n",
		   once_in(&sketch, 3) ? "preempt-rt" : "any");
	if (once_in(&sketch, 2)) {
		cpulist_and(&boot, &host->topology.online, &boot);
		write_cpus(&sketch, "  housekeeping", &boot);
	}
	write_text(&sketch, "partitions:\n");
	for (unsigned i = 1 + below(&sketch, 4); i > 0; i--) {
		if (once_in(&sketch, 2))
			write_temporal(&sketch, &number);
		else
			write_spatial(&sketch, &number);
	}
	if (number == 0)
		write_spatial(&sketch, &number);
}
