# SPDX-License-Identifier: Apache-2.0
# The probe guest: one program, two files. probe.elf is ELF64 with a PVH note; probe-multiboot.elf is
# the same code as ELF32 with a Multiboot 1 header, which QEMU takes from no 64-bit file.
PROBE_SOURCE := $(wildcard latency/probe/*.c)
PROBE_OBJECT := $(BUILD)/probe/entry.o $(PROBE_SOURCE:latency/probe/%.c=$(BUILD)/probe/%.o)
PROBE_FLAGS := -m64 -ffreestanding -nostdinc -isystem $(shell $(CC) -print-file-name=include) \
	-fno-pic -fno-pie -mcmodel=small -mno-red-zone -mgeneral-regs-only -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-builtin -fcf-protection=none \
	-U_FORTIFY_SOURCE -iquote . -MMD -MP
PROBE_LINK := -m64 -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -Wl,-T,latency/probe/probe.ld

probe: $(BUILD)/probe/probe.elf $(BUILD)/probe/probe-multiboot.elf
.PHONY: probe

$(BUILD)/probe/%.o: latency/probe/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O2 -g $(WARN) $(PROBE_FLAGS) -c $< -o $@

$(BUILD)/probe/%.o: latency/probe/%.S
	@mkdir -p $(@D)
	$(CC) $(PROBE_FLAGS) -c $< -o $@

$(BUILD)/probe/probe.debug: $(PROBE_OBJECT) latency/probe/probe.ld
	$(CC) $(PROBE_LINK) $(PROBE_OBJECT) -o $@

$(BUILD)/probe/probe-multiboot.debug: $(BUILD)/probe/multiboot.o $(PROBE_OBJECT) latency/probe/probe.ld
	$(CC) $(PROBE_LINK) $(BUILD)/probe/multiboot.o $(PROBE_OBJECT) -o $@

$(BUILD)/probe/probe.elf: $(BUILD)/probe/probe.debug
	objcopy --strip-all $< $@

$(BUILD)/probe/probe-multiboot.elf: $(BUILD)/probe/probe-multiboot.debug
	objcopy --strip-all -O elf32-i386 $< $@

-include $(PROBE_OBJECT:.o=.d)
