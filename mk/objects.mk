# SPDX-License-Identifier: Apache-2.0
# Objects, and one static archive per floor.

# The house, highest floor first. It is also the link order: the linker takes the archives once, from
# left to right, so a call up the house fails to link.
FLOORS := core/cli core/vmm core/devices core/boot irq core/kvm rt sched core/config core/host latency core/base

# Each program's own first object stays out of its floor's archive.
MAINS := core/cli/main.c core/vmm/vmm_main.c

floor_sources = $(wildcard $(1)/*.c) $(wildcard $(1)/*.S)
object_of = $(patsubst %,$(BUILD)/obj/%.o,$(basename $(1)))
archive_of = $(patsubst %,$(BUILD)/lib/%.a,$(subst /,-,$(1)))

SOURCES := $(foreach floor,$(FLOORS),$(call floor_sources,$(floor)))
OBJECTS := $(call object_of,$(SOURCES))

FLAGS_STAMP := $(call record,$(BUILD)/flags,$(COMPILE) $(LINK))

$(BUILD)/obj/%.o: %.c $(FLAGS_STAMP)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.o: %.S $(FLAGS_STAMP)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(ASSEMBLE) -MMD -MP -c $< -o $@

-include $(OBJECTS:.o=.d)

# Files a .S takes in by .incbin, directly or by a macro of its own: every quoted path in it. They are
# from the tree where they are there, else made under $(BUILD).
incbins = $(shell grep -qs '\.incbin' $(1) && sed '/^[[:space:]]*#/d' $(1) | grep -o '"[A-Za-z0-9_.-]*/[A-Za-z0-9_./-]*"')
define incbin_rule
$(call object_of,$(1)): $(foreach file,$(subst ",,$(call incbins,$(1))),$(or $(wildcard $(file)),$(BUILD)/$(file)))
endef
$(foreach source,$(filter %.S,$(SOURCES)),$(eval $(call incbin_rule,$(source))))

define archive_rule
$(call archive_of,$(1)): $(call object_of,$(filter-out $(MAINS),$(call floor_sources,$(1)))) \
		$(call record,$(call archive_of,$(1)).members,$(call floor_sources,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(Q)ar rcsD $$@ $$(filter %.o,$$^)
endef
$(foreach floor,$(FLOORS),$(eval $(call archive_rule,$(floor))))

ARCHIVES := $(call archive_of,$(FLOORS))

# ACPI machine language from its source; iasl prints remarks, errors end the build.
$(BUILD)/%.aml: %.asl
	$(call say,IASL,$<)
	@mkdir -p $(@D)
	$(Q)iasl -vs -we -p $(basename $@) $< > $@.log 2>&1 || { cat $@.log; exit 1; }

# The probe guest and whatever else a folder makes for itself.
-include latency/probe/probe.mk
