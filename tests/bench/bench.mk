# SPDX-License-Identifier: Apache-2.0
# What tests/bench/run needs beside the two programs. Plain -O2 in every variant: the floor is a limit.
BENCH_PROGRAMS := $(BUILD)/bench/floor $(BUILD)/bench/first_byte

$(BUILD)/bench/%: tests/bench/%.c $(FLAGS_STAMP)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_all) -std=gnu17 -O2 -g $(WARN) -static -MMD -MP -o $@ $<

-include $(BENCH_PROGRAMS:%=%.d)

bench-programs: $(BENCH_PROGRAMS) $(BUILD)/probe/probe.elf

.PHONY: bench-programs
