// SPDX-License-Identifier: Apache-2.0
/* The exit ledger: keys that hold a kind and an address, and names for people. */
#include <CUnit/CUnit.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/kvm/statistics.h"
#include "core/vmm/state.h"

void test_statistics_register(void);

static void a_key_gives_back_kind_and_address(void)
{
	static const enum access_kind kinds[] = {ACCESS_PIO_READ, ACCESS_PIO_WRITE, ACCESS_MMIO_READ,
						 ACCESS_MMIO_WRITE};
	static const uint64_t addresses[] = {0, 1, 0x80, 0xffff, 0xd0000000, UINT64_C(1) << 52,
					     (UINT64_C(1) << 60) - 1};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (size_t a = 0; a < sizeof(addresses) / sizeof(addresses[0]); a++) {
			uint64_t key = access_key(kinds[k], addresses[a]);

			CU_ASSERT_NOT_EQUAL(key, 0); /* that is a free entry */
			CU_ASSERT_EQUAL(access_key_kind(key), kinds[k]);
			CU_ASSERT_EQUAL(access_key_address(key), addresses[a]);
		}
	}
}

/* A guest chooses its addresses: none reaches into the kind. */
static void an_address_cannot_forge_a_kind(void)
{
	uint64_t key = access_key(ACCESS_PIO_READ, UINT64_MAX);

	CU_ASSERT_EQUAL(access_key_kind(key), ACCESS_PIO_READ);
	CU_ASSERT_EQUAL(access_key_address(key), UINT64_MAX >> 4);
}

static void every_reason_and_kind_has_a_name(void)
{
	CU_ASSERT_STRING_EQUAL(exit_reason_name(KVM_EXIT_IO), "io");
	CU_ASSERT_STRING_EQUAL(exit_reason_name(KVM_EXIT_MMIO), "mmio");
	CU_ASSERT_STRING_EQUAL(exit_reason_name(KVM_EXIT_SHUTDOWN), "shutdown");
	for (unsigned reason = 0; reason < 200; reason++) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(exit_reason_name(reason));
		CU_ASSERT_NOT_EQUAL(exit_reason_name(reason)[0], '\0');
	}
	CU_ASSERT_STRING_EQUAL(exit_reason_name(UINT32_MAX), "reason");
	for (unsigned kind = 0; kind < 16; kind++) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(access_kind_name((enum access_kind)kind));
		CU_ASSERT_NOT_EQUAL(access_kind_name((enum access_kind)kind)[0], '\0');
	}
}

/* The page comes from a process that a hostile guest may have taken: any number has a name. */
static void any_state_page_can_be_named(void)
{
	struct machine_state state;

	memset(&state, 0xff, sizeof(state));
	CU_ASSERT_STRING_EQUAL(machine_state_name(&state), "unknown");
	CU_ASSERT_STRING_EQUAL(machine_end_name(UINT32_MAX), "unknown");
	memset(&state, 0, sizeof(state));
	CU_ASSERT_STRING_EQUAL(machine_state_name(&state), "opening");
	atomic_store(&state.phase, PHASE_RUNNING);
	CU_ASSERT_STRING_EQUAL(machine_state_name(&state), "running");
	atomic_store(&state.seal.sealed, true);
	CU_ASSERT_STRING_EQUAL(machine_state_name(&state), "sealed");
	atomic_store(&state.phase, PHASE_ENDED);
	CU_ASSERT_STRING_EQUAL(machine_state_name(&state), "ended");
	for (unsigned end = 0; end <= MACHINE_STOPPED; end++)
		CU_ASSERT_STRING_NOT_EQUAL(machine_end_name(end), "unknown");
}

/* Two vCPUs' ledgers share no cache line: each is written beside a deadline. */
static void ledgers_share_no_cache_line(void)
{
	CU_ASSERT_EQUAL(sizeof(struct vcpu_statistics) % 64, 0);
	CU_ASSERT_EQUAL(offsetof(struct machine_state, vcpu) % 64, 0);
	CU_ASSERT_EQUAL(state_bytes(64) - state_bytes(0), 64 * sizeof(struct vcpu_statistics));
}

void test_statistics_register(void)
{
	CU_pSuite suite = CU_add_suite("statistics", NULL, NULL);

	CU_ADD_TEST(suite, a_key_gives_back_kind_and_address);
	CU_ADD_TEST(suite, an_address_cannot_forge_a_kind);
	CU_ADD_TEST(suite, every_reason_and_kind_has_a_name);
	CU_ADD_TEST(suite, any_state_page_can_be_named);
	CU_ADD_TEST(suite, ledgers_share_no_cache_line);
}
