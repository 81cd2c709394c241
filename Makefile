# SPDX-License-Identifier: Apache-2.0
# The frame everybody builds with; build rules live here, lists are found by wildcard.
VARIANT ?= debug
BUILD := build/$(VARIANT)
CC ?= gcc
WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wundef -Wvla -Wswitch-enum -Wwrite-strings -Wcast-qual -Wformat=2 -Werror
CFLAGS_all := -std=gnu17 -O2 -g $(WARN) -fno-common -fstack-protector-strong -D_FORTIFY_SOURCE=2 -D_GNU_SOURCE -iquote . -MMD -MP
SRC := $(wildcard core/base/*.c core/config/*.c rt/*.c sched/*.c core/kvm/*.c irq/*.c core/boot/*.c core/devices/*.c core/vmm/*.c latency/*.c core/cli/*.c)
OBJ := $(SRC:%.c=$(BUILD)/obj/%.o)
all: $(OBJ)
$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_all) $(CFLAGS) -c $< -o $@
-include $(OBJ:.o=.d)
.PHONY: all
