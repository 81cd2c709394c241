// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/launch_fixture.h"

#include <CUnit/CUnit.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/vmm/launch.h"

static uint64_t seed = 1;

/* xorshift64*: the same records in every run. */
static uint64_t any(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * UINT64_C(0x2545f4914f6cdd1d);
}

static uint64_t below(uint64_t limit)
{
	return any() % limit;
}

/* Printable ASCII, among it what JSON escapes; and now and then a letter of two bytes. */
static char *any_text(size_t min, size_t max)
{
	size_t length = min + below(max - min + 1);
	char *text = calloc(1, length + 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (size_t i = 0; i < length; i++) {
		if (i + 1 < length && below(16) == 0) {
			text[i++] = '\xc3';
			text[i] = '\xbc';
		} else {
			text[i] = (char)(' ' + below(95));
		}
	}
	return text;
}

static void any_policy(struct thread_policy *policy)
{
	*policy = (struct thread_policy){.class = (enum thread_class)below(3)};
	if (policy->class == THREAD_FIFO)
		policy->priority = (unsigned)(1 + below(98));
	if (policy->class == THREAD_DEADLINE) {
		policy->period_ns = 1 + below(UINT64_C(1) << 40);
		policy->deadline_ns = 1 + below(policy->period_ns);
		policy->runtime_ns = 1 + below(policy->deadline_ns);
	}
}

static void any_cpus(struct launch *launch)
{
	launch->vcpus = (unsigned)(1 + below(PARTITION_VCPUS_MAX));
	for (unsigned i = 0; i < launch->vcpus; i++)
		launch->vcpu_cpu[i] = (int)below(CPULIST_MAX + 1) - 1;
	for (unsigned i = 0; i < PARTITION_VCPUS_MAX; i++)
		launch->vcpu_group[i] = i < launch->vcpus ? (int)below(1025) - 1 : -1;
	for (uint64_t i = below(70); i > 0; i--)
		cpulist_add(&launch->other_cpus, (unsigned)below(CPULIST_MAX));
	launch->own_cpus = below(2) != 0;
}

void any_launch(struct launch *ret)
{
	static const uint64_t pages[] = {4096, 1 << 21, 1 << 30};

	*ret = (struct launch){
		.memory_bytes = (16 + below(100000)) << 20,
		.page_bytes = pages[below(3)],
		.exits_disabled = (unsigned)below(16),
		.kvmclock = below(2) != 0,
		.lock_memory = below(2) != 0,
		.hold_cpu_dma_latency = below(2) != 0,
		.best_effort = below(2) != 0,
		.exit_port = below(2) != 0,
		.seal = (enum seal_when)below(3),
		.seal_after_ns = below(UINT64_C(1) << 50),
		.exit_budget = any() >> 1,
		.console_input = (int)below(1025) - 1,
		.console_output = (int)below(1025) - 1,
		.escape = below(2) != 0,
		.state_fd = (int)below(1025) - 1,
		.running_fd = (int)below(1025) - 1,
	};
	for (size_t i = 0, length = 1 + below(PARTITION_NAME_MAX - 1); i < length; i++)
		ret->name[i] = "abcXYZ019-_"[below(11)];
	ret->kernel = any_text(1, 300);
	ret->cmdline = any_text(0, PARTITION_CMDLINE_MAX - 1);
	ret->initrd_count = below(PARTITION_INITRDS_MAX + 1);
	for (size_t i = 0; i < ret->initrd_count; i++)
		ret->initrd[i] = any_text(1, 300);
	any_cpus(ret);
	any_policy(&ret->policy);
}

int decode_text(const char *text, struct launch *ret, struct diag *why)
{
	return launch_decode(text, strlen(text), ret, why);
}

/* One sound record as JSON, for a test to break. */
json_t *sound_record(void)
{
	struct launch launch;
	char *text;
	json_t *record;

	any_launch(&launch);
	text = launch_encode(&launch);
	record = text == NULL ? NULL : json_loads(text, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(record);
	launch_done(&launch);
	free(text);
	return record;
}

/* @record must be refused with @error, and @why must say which key; consumes @record. */
void assert_record_refused(json_t *record, int error, const char *key)
{
	char *text = json_dumps(record, 0);
	struct launch launch = {.vcpus = 42};
	struct diag why = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_EQUAL(decode_text(text, &launch, &why), -error);
	CU_ASSERT_EQUAL(why.error, error);
	CU_ASSERT_STRING_EQUAL(why.key, key);
	CU_ASSERT_NOT_EQUAL(why.text[0], '\0');
	CU_ASSERT_EQUAL(launch.vcpus, 42); /* untouched */
	free(text);
	json_decref(record);
}

void set_key(json_t *record, const char *key, json_t *value)
{
	CU_ASSERT_EQUAL_FATAL(json_object_set_new(record, key, value), 0);
}
