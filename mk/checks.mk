# SPDX-License-Identifier: Apache-2.0
# Checks on the code itself.

# The run path's undefined symbols, held against its allow-list by every build without sanitizers,
# whose own calls would hide it.
RUN_PATH := core/kvm/vcpu_run
RUN_PATH_STAMP := $(if $(filter release debug,$(VARIANT)),$(BUILD)/run-path.ok)

$(BUILD)/run-path.ok: $(call object_of,$(RUN_PATH).c) $(RUN_PATH).allow tools/check-run-path
	$(Q)tools/check-run-path $< $(RUN_PATH).allow
	@touch $@

# For tools/check-headers and tools/lint: what a header or a source is compiled with.
print-header-flags:
	@echo '-std=gnu17 $(WARNINGS) $(subst ',,$(CPPFLAGS_all))'

lint: ## clang-tidy, cppcheck, gcc -fanalyzer, layer, header, size and shell checks
	$(Q)tools/setup lint
	$(Q)tools/lint

.PHONY: print-header-flags lint
