# SPDX-License-Identifier: Apache-2.0
# Tests: built here, run by tests/run.

# Small freestanding guests for the KVM tests.
-include tests/kvm/guests/guests.mk

kvm-guests: $(GUESTS_ALL)

# The oracle, which both unit tests and a fuzz target hold plans against.
ORACLE_SOURCES := $(wildcard tests/oracle/*.c)
ORACLE_OBJECTS := $(call object_of,$(ORACLE_SOURCES))

-include $(ORACLE_OBJECTS:.o=.d)

# One binary of every tests/unit/*.c. Each test_NAME.c defines test_NAME_register(); the list of
# them is generated, so that a new suite is a new file and nothing else.
UNIT_SOURCES := $(wildcard tests/unit/*.c)
UNIT_SUITES := $(patsubst %.c,%,$(notdir $(wildcard tests/unit/test_*.c)))
UNIT_LIST := $(call record,$(BUILD)/gen/unit_suites.h,$(foreach suite,$(UNIT_SUITES),SUITE($(suite))))

$(call object_of,tests/unit/main.c): $(UNIT_LIST)

$(BUILD)/unit: $(call object_of,$(UNIT_SOURCES)) $(ORACLE_OBJECTS) $(ARCHIVES)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(LDFLAGS_all) $(LDFLAGS) -o $@ $^ $(LIBS_bulkhead) -lcunit

-include $(patsubst %.o,%.d,$(call object_of,$(UNIT_SOURCES)))

-include tests/fixtures/fixtures.mk

unit-binary: $(BUILD)/unit

# libFuzzer: `make VARIANT=fuzz CC=clang fuzzers`.
FUZZ_SOURCES := $(wildcard tests/fuzz/fuzz_*.c)
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(FUZZ_SOURCES))

$(BUILD)/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(ORACLE_OBJECTS) $(ARCHIVES)
	$(call say,LINK,$@)
	$(Q)$(LINK) -fsanitize=fuzzer $(LDFLAGS_all) $(LDFLAGS) -o $@ $^ $(LIBS_bulkhead)

-include $(patsubst %.o,%.d,$(call object_of,$(FUZZ_SOURCES)))

fuzzers: $(FUZZERS)

unit: ## unit tests, this variant
	$(Q)tools/setup test
	$(Q)$(submake) unit-binary
	$(Q)$(BUILD)/unit

kvm-test: ## small guests on this machine's /dev/kvm
	$(Q)tools/setup test
	$(Q)tests/run kvm

asan-test: ## unit and KVM tests under AddressSanitizer and UndefinedBehaviorSanitizer
	$(Q)tools/setup test
	$(Q)tests/run unit-asan kvm-asan

fuzz: ## every fuzz target for FUZZ_SECONDS (600)
	$(Q)tools/setup test
	$(Q)FUZZ_SECONDS=$(or $(FUZZ_SECONDS),600) tests/run fuzz

lab: ## boot a PREEMPT_RT host in QEMU and run the scenarios in it
	$(Q)tools/setup test
	$(Q)tests/run lab

-include tests/bench/bench.mk

bench: ## compare with QEMU and with a bare KVM loop, on this machine
	$(Q)tools/setup bench
	$(Q)$(submake) VARIANT=release all bench-programs
	$(Q)tests/bench/run

bench-exact: ## the same exit and timer rows, exact to the instruction, in the deterministic lab
	$(Q)tools/setup bench
	$(Q)$(submake) VARIANT=release all bench-programs
	$(Q)tests/bench/run --exact

.PHONY: kvm-guests unit-binary fuzzers unit kvm-test asan-test fuzz lab bench bench-exact
