// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "core/base/borrow_own.h"
#include "core/base/diag.h"
#include "core/base/program.h"
#include "core/base/systemctl.h"

enum {
	PATH_SIZE = 64,
	SYSTEMD_SECONDS = 60,
	BOOT_SECONDS = 120,
};

static int systemd_after(enum change_after after, struct diag *why)
{
	if (!systemd_runs())
		return 0;
	int error = systemctl("daemon-reload", NULL, SYSTEMD_SECONDS, why);

	if (error == 0 && after == AFTER_IRQBALANCE_RESTART)
		error = systemctl("try-restart", "irqbalance.service", SYSTEMD_SECONDS, why);
	return error;
}

/* Each distribution has one of them; Debian's knows where its own file is. */
static int boot_update(struct diag *why)
{
	static const char *const folders[] = {"/usr/sbin", "/sbin", "/usr/bin", "/bin", NULL};
	static const struct {
		const char *name;
		const char *folder;
		const char *file;
	} commands[] = {
		{"update-grub", NULL, NULL},
		{"grub2-mkconfig", "/boot/grub2", "/boot/grub2/grub.cfg"},
		{"grub2-mkconfig", "/boot/grub", "/boot/grub/grub.cfg"},
		{"grub-mkconfig", "/boot/grub", "/boot/grub/grub.cfg"},
	};
	char path[PATH_SIZE];

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const char *const argument[] = {path, commands[i].file == NULL ? NULL : "-o", commands[i].file, NULL};

		if (commands[i].folder != NULL && access(commands[i].folder, F_OK) != 0)
			continue;
		if (program_find(folders, commands[i].name, path, sizeof(path)) != NULL)
			return program_run(argument, BOOT_SECONDS, why);
	}
	diag_set(why, ENOENT, "no command is there that writes the boot loader's configuration");
	diag_allowed(why, "update-grub, grub2-mkconfig or grub-mkconfig");
	diag_remedy(why, "have the boot loader's configuration written, for example by "
		    "grub-mkconfig -o /boot/grub/grub.cfg");
	return -ENOENT;
}

int borrow_after(enum change_after after, struct diag *why)
{
	switch (after) {
	case AFTER_NOTHING:
		return 0;
	case AFTER_SYSTEMD_RELOAD:
	case AFTER_IRQBALANCE_RESTART:
		return systemd_after(after, why);
	case AFTER_BOOT_UPDATE:
		return boot_update(why);
	}
	return diag_set(why, EINVAL, "no effect is number %d", (int)after);
}
