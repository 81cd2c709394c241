# SPDX-License-Identifier: Apache-2.0
# The two programs. bulkhead links what it needs; bulkhead-vmm, all of which is locked in memory
# beside a deadline and faces a hostile guest, takes only the floors that run inside it.

VMM_FLOORS := core/vmm core/devices core/boot irq core/kvm rt core/config core/base
VMM_ARCHIVES := $(call archive_of,$(VMM_FLOORS))

LIBS_bulkhead := -lcgroup -lhwloc -lz -lyaml -ljansson -lseccomp -lm -lpthread
LIBS_vmm := -ljansson -lseccomp -lpthread

PROGRAMS := $(if $(wildcard core/cli/main.c),bulkhead) $(if $(wildcard core/vmm/vmm_main.c),bulkhead-vmm)

programs: $(OBJECTS) $(RUN_PATH_STAMP) $(PROGRAMS:%=$(BUILD)/%)

$(BUILD)/bulkhead: $(call object_of,core/cli/main.c) $(ARCHIVES)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(LDFLAGS_all) $(LDFLAGS) -o $@ $^ $(LIBS_bulkhead)

# The map names every object that was linked in; tools/check-size counts their lines.
$(BUILD)/bulkhead-vmm: $(call object_of,core/vmm/vmm_main.c) $(VMM_ARCHIVES) $(RUN_PATH_STAMP)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(if $(VMM_STATIC),$(filter-out -pie,$(LDFLAGS_all)) $(VMM_STATIC),$(LDFLAGS_all)) \
		$(LDFLAGS) -Wl,-Map,$@.map -o $@ $(filter-out $(RUN_PATH_STAMP),$^) $(LIBS_vmm)

.PHONY: programs
