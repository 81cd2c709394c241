# SPDX-License-Identifier: Apache-2.0
# Compiler and linker flags: one set of warnings for every variant, one line of difference each.

VERSION := $(shell cat VERSION)

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wundef -Wvla -Wswitch-enum -Wwrite-strings -Wcast-qual -Wformat=2 -Werror
# What clang minds and gcc does not: a struct of a KVM header and the room for its flexible array, and a
# field that libseccomp's macros leave out.
WARNINGS += $(if $(IS_CLANG),-Wno-gnu-variable-sized-type-not-at-end -Wno-missing-field-initializers)

CPPFLAGS_all := -D_GNU_SOURCE -DBULKHEAD_VERSION='"$(VERSION)"' -iquote . -iquote $(BUILD)/gen
CFLAGS_all := -std=gnu17 -g $(WARNINGS) -fPIE -fno-common -fstack-protector-strong \
	-ffunction-sections -fdata-sections
LDFLAGS_all := -pie -Wl,--gc-sections -Wl,-z,relro,-z,now,-z,noexecstack

# Sanitizers replace the C library's own checks, and need a C library they can intercept: so no
# fortify and no static link there.
FORTIFY := -D_FORTIFY_SOURCE=2
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS_release := -O2 $(FORTIFY)
CFLAGS_debug := -Og $(FORTIFY)
CFLAGS_asan := -O1 $(SANITIZE_asan)
CFLAGS_tsan := -O1 -fsanitize=thread -fno-omit-frame-pointer
CFLAGS_cov := -O0 --coverage
CFLAGS_fuzz := -O1 $(SANITIZE_asan) -fsanitize=fuzzer-no-link
# gcc 12 loses sight of a pointer stored through a computed address and calls it a leak; LeakSanitizer
# watches those.
CFLAGS_analyze := -O2 -fanalyzer -Wno-analyzer-malloc-leak
LDFLAGS_asan := $(SANITIZE_asan)
LDFLAGS_tsan := -fsanitize=thread
LDFLAGS_cov := --coverage
LDFLAGS_fuzz := $(SANITIZE_asan)
VMM_STATIC := $(if $(filter release debug,$(VARIANT)),-static-pie)

ifndef CFLAGS_$(VARIANT)
$(error VARIANT=$(VARIANT) is not one of: release debug asan tsan cov)
endif

COMPILE := $(CC) $(CPPFLAGS_all) $(CFLAGS_all) $(CFLAGS_$(VARIANT)) $(CFLAGS)
ASSEMBLE := $(CC) $(CPPFLAGS_all) -g -Wa,--noexecstack -Wa,-I. -Wa,-I$(BUILD)
LINK := $(CC) $(CFLAGS_$(VARIANT)) $(CFLAGS) $(LDFLAGS_$(VARIANT))

# $(call record,FILE,TEXT) - keep TEXT in FILE, touching FILE only when TEXT changed, so that what
# depends on it is made again exactly then.
record = $(shell mkdir -p $(dir $(1)); printf '%s\n' '$(subst ','\'',$(2))' | cmp -s - $(1) || \
	printf '%s\n' '$(subst ','\'',$(2))' > $(1))$(1)
