# SPDX-License-Identifier: Apache-2.0
# DESTDIR and PREFIX as everywhere. bulkhead finds bulkhead-vmm from its own place: beside itself in
# a build folder, ../libexec/bulkhead/ when installed, so an installed tree may be moved.

BINDIR := $(DESTDIR)$(PREFIX)/bin
LIBEXECDIR := $(DESTDIR)$(PREFIX)/libexec/bulkhead
MANDIR := $(DESTDIR)$(PREFIX)/share/man
COMPLETIONDIR := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
DATADIR := $(DESTDIR)$(PREFIX)/share/bulkhead

MAN_PAGES := $(wildcard man/*.[0-9])
CONFIG_FILES := $(filter-out configs/broken/%,$(wildcard configs/*.yaml configs/*/*.yaml))

install: programs ## install into $(DESTDIR)$(PREFIX)
	install -D -m 755 $(BUILD)/bulkhead $(BINDIR)/bulkhead
	install -D -m 755 $(BUILD)/bulkhead-vmm $(LIBEXECDIR)/bulkhead-vmm
	$(foreach page,$(MAN_PAGES),install -D -m 644 $(page) $(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page));)
	install -D -m 644 completions/bulkhead.bash $(COMPLETIONDIR)/bulkhead
	$(foreach file,$(CONFIG_FILES),install -D -m 644 $(file) $(DATADIR)/$(file);)

uninstall: ## remove what install put there
	rm -f $(BINDIR)/bulkhead $(COMPLETIONDIR)/bulkhead
	rm -f $(foreach page,$(MAN_PAGES),$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))
	rm -rf $(LIBEXECDIR) $(DATADIR)

.PHONY: install uninstall
