# SPDX-License-Identifier: Apache-2.0
# Acceptance ratios of admission beside the simulator's: `make bench-admission`.
ADMISSION_SOURCES := tests/bench/admission.c tests/unit/simulator.c

$(BUILD)/bench/admission: $(call object_of,$(ADMISSION_SOURCES)) $(call archive_of,sched core/base)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(LINK) $(LDFLAGS_all) $(LDFLAGS) -o $@ $^

-include $(patsubst %.o,%.d,$(call object_of,$(ADMISSION_SOURCES)))

bench-admission: $(BUILD)/bench/admission ## what share of random task sets is admitted, beside a simulation
	$(Q)$<

.PHONY: bench-admission
