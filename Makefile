# SPDX-License-Identifier: Apache-2.0
#
# make                    release build into build/release/
# make VARIANT=debug      one word chooses another: release debug asan tsan cov
# make CC=clang           its own folder beside gcc's: build/release-clang/
# make help               the targets
#
# Sources are found by wildcard: a new file in a folder needs no edit here.

VARIANT := release
ifeq ($(origin CC),default)
CC := gcc
endif
IS_CLANG := $(findstring clang,$(notdir $(CC)))
BUILD := build/$(VARIANT)$(if $(IS_CLANG),-clang)
JOBS := $(shell nproc)
PREFIX := /usr/local
V := 0
Q := $(if $(filter-out 0,$(V)),,@)
say = @printf '  %-7s %s\n' '$(1)' '$(2)'

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
export LC_ALL := C.UTF-8

include mk/flags.mk
include mk/objects.mk
include mk/checks.mk
include mk/programs.mk
include mk/tests.mk
include mk/install.mk

# A sub-make builds with every CPU unless the person who called make chose a number.
submake = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS))

all: programs ## build both programs (the default)
	$(Q)$(if $(filter build/%,$(BUILD)),$(foreach program,$(PROGRAMS),\
		ln -sfn $(BUILD:build/%=%)/$(program) build/$(program);))

objects: $(OBJECTS) ## compile every source, link nothing

run: ## set up, build, measure a probe guest's timer on this machine; report in build/report/
	$(Q)tools/setup run
	$(Q)$(submake) VARIANT=release all
	$(Q)tools/run-quickstart

test: ## every test; the last line counts passed, failed, skipped
	$(Q)tools/setup test
	$(Q)tests/run

clean: ## remove build/
	$(Q)rm -rf build

help: ## this list
	$(Q)awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(sort $(filter Makefile mk/%,$(MAKEFILE_LIST)))
	@echo '  VARIANT=release|debug|asan|tsan|cov  CC=gcc|clang  V=1  PREFIX=/usr/local  DESTDIR='

.PHONY: all objects run test clean help
