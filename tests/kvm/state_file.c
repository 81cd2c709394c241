// SPDX-License-Identifier: Apache-2.0
/*
 * state_file FILE: the state page that a VMM, given FILE for it, left there: one "KEY VALUE" a line.
 * Ends with 0; 1 where FILE is no such page.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "core/vmm/state.h"

static const struct machine_state *map(const char *path)
{
	struct stat about;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &about) != 0 || (uint64_t)about.st_size < state_bytes(1))
		return NULL;
	const struct machine_state *state =
		mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, fd, 0);

	if (state == MAP_FAILED || state->magic != STATE_MAGIC || state->version != STATE_VERSION ||
	    (uint64_t)about.st_size < state_bytes(state->vcpus))
		return NULL;
	return state;
}

static void print_vcpu(unsigned index, const struct vcpu_statistics *vcpu)
{
	uint_fast64_t reasons = 0;
	uint_fast64_t accesses = atomic_load(&vcpu->access_other);

	for (unsigned i = 0; i < STATISTICS_REASONS; i++)
		reasons += atomic_load(&vcpu->by_reason[i]);
	for (unsigned i = 0; i < STATISTICS_ACCESSES; i++) {
		uint64_t key = atomic_load(&vcpu->access[i].key);
		uint_fast64_t count = atomic_load(&vcpu->access[i].count);

		accesses += count;
		if (key != 0)
			printf("vcpu%u %s 0x%" PRIx64 " %" PRIuFAST64 "\n", index,
			       access_kind_name(access_key_kind(key)), access_key_address(key), count);
	}
	printf("vcpu%u exits %" PRIuFAST64 "\n", index, atomic_load(&vcpu->exits));
	printf("vcpu%u reasons %" PRIuFAST64 "\n", index, reasons);
	printf("vcpu%u accesses %" PRIuFAST64 "\n", index, accesses);
	printf("vcpu%u sealed_exits %" PRIuFAST64 "\n", index, atomic_load(&vcpu->sealed_exits));
	printf("vcpu%u over_budget %" PRIuFAST32 "\n", index, atomic_load(&vcpu->over_budget.reason));
	printf("vcpu%u over_budget_address 0x%" PRIx64 "\n", index,
	       access_key_address(atomic_load(&vcpu->over_budget.key)));
}

int main(int argc, char **argv)
{
	const struct machine_state *state = argc == 2 ? map(argv[1]) : NULL;

	if (state == NULL) {
		fprintf(stderr, "state_file: no state page\n");
		return 1;
	}
	printf("state %s\n", machine_state_name(state));
	printf("end %s\n", machine_end_name((unsigned)atomic_load(&state->ended)));
	printf("end_value %" PRIuFAST64 "\n", atomic_load(&state->end_value));
	printf("text %.*s\n", STATE_TEXT_MAX, state->text);
	printf("sealed %d\n", atomic_load(&state->seal.sealed));
	printf("was_sealed %d\n", atomic_load(&state->seal.tsc) != 0);
	printf("first_run_known %d\n", atomic_load(&state->first_run_tsc) != 0);
	printf("doorbells %" PRIuFAST64 "\n", atomic_load(&state->doorbells));
	printf("console_dropped %" PRIuFAST64 "\n", atomic_load(&state->console_dropped));
	for (uint32_t i = 0; i < state->vcpus; i++)
		print_vcpu(i, &state->vcpu[i]);
	return 0;
}
