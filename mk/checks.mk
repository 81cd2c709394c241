# SPDX-License-Identifier: Apache-2.0
# Checks on the code itself.

lint: ## clang-tidy, cppcheck, gcc -fanalyzer, layer, header, size and shell checks
	$(Q)tools/setup lint
	$(Q)tools/lint

.PHONY: lint
