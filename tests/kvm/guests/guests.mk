# SPDX-License-Identifier: Apache-2.0
# Small freestanding guests for the KVM tests, one per behaviour, into $(BUILD)/guests/. What each
# prints and which options it takes stands at the top of its source. They share no line with the
# probe guest, so that a misunderstanding in one is not hidden by the other.
GUESTS_DIR := tests/kvm/guests
GUESTS_PVH := cpuid crash echo exitport flood hello_pvh hostile memmap reset rtc seal smp spin timer
GUESTS_RUNTIME := interrupts runtime tables
GUESTS_ALL := $(addprefix $(BUILD)/guests/,$(GUESTS_PVH) hello_multiboot hello_bzimage)

# An interrupt handler may call any function here, as no code but that of general registers is made.
GUESTS_CFLAGS = -std=gnu17 -O2 -g $(WARNINGS) -ffreestanding -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include) -iquote $(GUESTS_DIR) -fno-pic -fno-pie \
	-mno-red-zone -mgeneral-regs-only -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fcf-protection=none $(if $(IS_CLANG),-Wno-interrupt-service-routine) -MMD -MP
GUESTS_LINK = $(CC) -nostdlib -static $(if $(IS_CLANG),,-no-pie) -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments

guests: $(GUESTS_ALL)
.PHONY: guests

$(BUILD)/guests/obj/%.o: $(GUESTS_DIR)/%.c
	$(call say,GUEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUESTS_CFLAGS) -m64 -c $< -o $@

$(BUILD)/guests/obj/%.o: $(GUESTS_DIR)/%.S
	$(call say,GUEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -m64 -g -MMD -MP -c $< -o $@

$(BUILD)/guests/obj32/%.o: $(GUESTS_DIR)/%.c
	$(call say,GUEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUESTS_CFLAGS) -m32 -c $< -o $@

$(BUILD)/guests/obj32/%.o: $(GUESTS_DIR)/%.S
	$(call say,GUEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -g -MMD -MP -c $< -o $@

GUESTS_PVH_OBJECTS := $(patsubst %,$(BUILD)/guests/obj/%.o,pvh_entry long_mode $(GUESTS_RUNTIME))
$(addprefix $(BUILD)/guests/,$(GUESTS_PVH)): $(BUILD)/guests/%: $(BUILD)/guests/obj/%.o \
		$(GUESTS_PVH_OBJECTS) $(GUESTS_DIR)/pvh.ld
	$(call say,LINK,$@)
	$(Q)$(GUESTS_LINK) -m64 -Wl,-T,$(GUESTS_DIR)/pvh.ld $(filter %.o,$^) -o $@

GUESTS_MULTIBOOT_OBJECTS := $(patsubst %,$(BUILD)/guests/obj32/%.o,multiboot_entry hello_multiboot runtime)
$(BUILD)/guests/hello_multiboot: $(GUESTS_MULTIBOOT_OBJECTS) $(GUESTS_DIR)/multiboot.ld
	$(call say,LINK,$@)
	$(Q)$(GUESTS_LINK) -m32 -Wl,-T,$(GUESTS_DIR)/multiboot.ld $(filter %.o,$^) -o $@

GUESTS_BZIMAGE_OBJECTS := $(patsubst %,$(BUILD)/guests/obj/%.o,bzimage_setup bzimage_entry long_mode \
	hello_bzimage runtime)
$(BUILD)/guests/hello_bzimage: $(GUESTS_BZIMAGE_OBJECTS) $(GUESTS_DIR)/bzimage.ld
	$(call say,LINK,$@)
	$(Q)$(GUESTS_LINK) -m64 -Wl,-T,$(GUESTS_DIR)/bzimage.ld $(filter %.o,$^) -o $@.elf
	$(Q)objcopy -O binary $@.elf $@

-include $(wildcard $(BUILD)/guests/obj/*.d $(BUILD)/guests/obj32/*.d)
