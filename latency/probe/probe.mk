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

$(BUILD)/probe/%.o: latency/probe/%.c $(FLAGS_STAMP)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -O2 -g $(WARNINGS) $(PROBE_FLAGS) -c $< -o $@

$(BUILD)/probe/%.o: latency/probe/%.S $(FLAGS_STAMP)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(PROBE_FLAGS) -c $< -o $@

$(BUILD)/probe/probe.debug: $(PROBE_OBJECT)
$(BUILD)/probe/probe-multiboot.debug: $(BUILD)/probe/multiboot.o $(PROBE_OBJECT)

$(BUILD)/probe/%.debug: latency/probe/probe.ld
	$(call say,LINK,$@)
	$(Q)$(CC) $(PROBE_LINK) $(filter %.o,$^) -o $@

$(BUILD)/probe/probe.elf: $(BUILD)/probe/probe.debug
	$(Q)objcopy --strip-all $< $@

$(BUILD)/probe/probe-multiboot.elf: $(BUILD)/probe/probe-multiboot.debug
	$(Q)objcopy --strip-all -O elf32-i386 $< $@

-include $(PROBE_OBJECT:.o=.d)
