# SPDX-License-Identifier: Apache-2.0
# What the benches need beside the two programs. Plain -O2 in every variant: the floor is a limit.
BENCH_PROGRAMS := $(BUILD)/bench/floor $(BUILD)/bench/first_byte $(BUILD)/bench/planning_time

$(BUILD)/bench/%: tests/bench/%.c $(FLAGS_STAMP)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_all) -std=gnu17 -O2 -g $(WARN) -static -MMD -MP -o $@ $<

-include $(BENCH_PROGRAMS:%=%.d)

bench-programs: $(BENCH_PROGRAMS) $(BUILD)/probe/probe.elf

planning-programs: programs $(BUILD)/bench/planning_time $(BUILD)/looked-for

bench-planning: ## how long check, doctor and discover take for 64 to 1,024 CPUs
	$(Q)tools/setup test
	$(Q)$(submake) VARIANT=release planning-programs
	$(Q)tests/bench/planning

-include tests/bench/admission.mk

.PHONY: bench-programs planning-programs bench-planning
