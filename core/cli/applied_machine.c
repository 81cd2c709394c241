// SPDX-License-Identifier: Apache-2.0
#include "core/cli/applied_machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/change.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/config/machine.h"

/* To be freed; NULL without memory. */
static char *format(const struct machine_config *machine)
{
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	if (stream == NULL)
		return NULL;
	int error = machine_write_yaml(machine, stream);

	return fclose(stream) == 0 && error == 0 ? take_pointer(text) : NULL;
}

int applied_machine_change(const struct machine_config *machine, struct changes *ret)
{
	_cleanup_free_ char *text = format(machine);

	if (text == NULL)
		return -ENOMEM;
	_cleanup_free_ char *old = NULL;
	struct diag ignored = {0};
	struct change *change = changes_add(ret, CHANGE_FILE, "machine", "%s", APPLIED_MACHINE_FILE);

	if (borrow_read(change, &old, &ignored) == -ENOMEM)
		return -ENOMEM;
	change_text(ret, change, COMPARE_EXACT, old, "%s", text);
	change_reason(change, "what is applied is known by it, whatever becomes of the file given");
	return ret->lost ? -ENOMEM : 0;
}

/* NULL where there is none. */
static const char *text_in(const struct changes *applied)
{
	for (size_t i = 0; i < applied->count; i++) {
		const struct change *change = &applied->item[i];

		if (change->kind == CHANGE_FILE && strcmp(change->path, APPLIED_MACHINE_FILE) == 0)
			return change->value;
	}
	return NULL;
}

bool applied_machine_is(const struct changes *applied, const struct machine_config *machine)
{
	_cleanup_free_ char *text = format(machine);
	const char *noted = text_in(applied);

	return text != NULL && noted != NULL && strcmp(text, noted) == 0;
}

int applied_machine_find(const struct changes *applied, struct machine_config *ret, struct diag *why)
{
	const char *text = text_in(applied);

	return text == NULL ? -ENOENT :
			      machine_load_text(text, strlen(text), APPLIED_MACHINE_FILE, ret, why);
}
