// SPDX-License-Identifier: Apache-2.0
#include "core/cli/exit_rows.h"

#include <inttypes.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>

#include "core/vmm/state.h"

static void add(struct exit_rows *rows, const char *name, uint64_t count)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (strcmp(rows->name[i], name) == 0) {
			rows->row[i].count += count;
			return;
		}
	}
	if (rows->count == EXIT_ROWS_MAX)
		return;
	snprintf(rows->name[rows->count], EXIT_ROW_NAME_MAX, "%s", name);
	rows->row[rows->count] = (struct evidence_count){rows->name[rows->count], count};
	rows->count++;
}

static void add_reasons(struct exit_rows *rows, const struct vcpu_statistics *vcpu)
{
	char name[EXIT_ROW_NAME_MAX];

	for (unsigned reason = 0; reason < STATISTICS_REASONS; reason++) {
		uint64_t count = atomic_load(&vcpu->by_reason[reason]);

		if (count == 0 || reason == KVM_EXIT_IO || reason == KVM_EXIT_MMIO)
			continue;
		snprintf(name, sizeof(name), "%s (%u)", exit_reason_name(reason), reason);
		add(rows, name, count);
	}
}

static void add_accesses(struct exit_rows *rows, const struct vcpu_statistics *vcpu)
{
	char name[EXIT_ROW_NAME_MAX];
	uint64_t other = atomic_load(&vcpu->access_other);

	for (unsigned i = 0; i < STATISTICS_ACCESSES; i++) {
		uint64_t key = atomic_load(&vcpu->access[i].key);

		if (key == 0)
			continue;
		snprintf(name, sizeof(name), "%s 0x%" PRIx64, access_kind_name(access_key_kind(key)),
			 access_key_address(key));
		add(rows, name, atomic_load(&vcpu->access[i].count));
	}
	if (other != 0)
		add(rows, "other ports and addresses", other);
}

void exit_rows_collect(const struct machine_state *state, unsigned vcpus, struct exit_rows *ret)
{
	*ret = (struct exit_rows){0};
	for (unsigned i = 0; i < vcpus; i++) {
		add_reasons(ret, &state->vcpu[i]);
		add_accesses(ret, &state->vcpu[i]);
		ret->sealed += atomic_load(&state->vcpu[i].sealed_exits);
	}
}
