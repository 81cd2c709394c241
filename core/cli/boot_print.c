// SPDX-License-Identifier: Apache-2.0
#include "core/cli/boot_print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/cli/boot_machine.h"
#include "core/cli/boot_verify.h"
#include "core/cli/json_text.h"

enum { ITEM_COLUMNS = 48 };

static void print_parameters(const struct boot_plan *boot, FILE *stream)
{
	fputs(boot->count == 0 ? "No kernel parameters are needed.\n" : "Kernel command line:\n", stream);
	for (size_t i = 0; i < boot->count; i++)
		fprintf(stream, "  %s%s\n      %s\n", boot->parameter[i].text,
			boot->parameter[i].live ? "  (so it is booted)" : "", boot->parameter[i].reason);
}

/* All of them behind one another; to be freed, NULL without memory. */
static char *join_parameters(const struct boot_plan *boot)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	if (stream == NULL)
		return NULL;
	for (size_t i = 0; i < boot->count; i++)
		fprintf(stream, "%s%s", i == 0 ? "" : " ", boot->parameter[i].text);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

/* What to do, or NULL where files do it or there is no memory; to be freed. */
static char *advice(const struct boot_machine *boot)
{
	_cleanup_free_ char *parameters = join_parameters(&boot->boot);
	char *text = NULL;
	int written = -1;

	if (parameters == NULL || boot->boot.count == 0)
		return NULL;
	switch (boot_loader_find(&boot->host)) {
	case BOOT_LOADER_GRUB_FOLDER:
		return NULL;
	case BOOT_LOADER_GRUBBY:
		written = asprintf(&text, "grubby --update-kernel=ALL --args=\"%s\"", parameters);
		break;
	case BOOT_LOADER_OTHER:
		written = asprintf(&text, "add to the kernel command line by your boot loader's own means (with GRUB: "
				   "GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, then grub-mkconfig): %s",
				   parameters);
		break;
	}
	return written < 0 ? NULL : text;
}

void boot_print_advice(const struct boot_machine *boot, FILE *stream)
{
	_cleanup_free_ char *text = advice(boot);

	if (text != NULL)
		fprintf(stream, "\nThe boot loader is left to you:\n  %s\n", text);
}

static void print_indented(const char *text, FILE *stream)
{
	while (*text != '\0') {
		size_t length = strcspn(text, "\n");

		fprintf(stream, "%s%.*s\n", length > 0 ? "  " : "", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

void boot_print(const struct boot_machine *boot, FILE *stream)
{
	print_parameters(&boot->boot, stream);
	boot_print_advice(boot, stream);
	for (size_t i = 0; i < boot->files.count; i++) {
		const struct change *change = &boot->files.item[i];

		if (change->kind != CHANGE_FILE)
			continue;
		fprintf(stream, "\n%s: %s%s\n", change->path, change->reason,
			change->held ? " (there already)" : change->old != NULL ? " (replaced)" : "");
		print_indented(change->value, stream);
	}
}

static int set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value);
}

static json_t *parameters_to_json(const struct boot_plan *boot)
{
	json_t *list = json_array();
	int failed = 0;

	for (size_t i = 0; i < boot->count; i++) {
		const struct boot_parameter *parameter = &boot->parameter[i];

		failed |= json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "text", parameter->text,
								"reason", parameter->reason, "live",
								parameter->live));
	}
	if (failed == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *options_to_json(const struct boot_plan *boot)
{
	json_t *list = json_array();
	int failed = 0;

	for (size_t i = 0; i < boot->option_count; i++) {
		const struct boot_option *option = &boot->option[i];

		failed |= json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "module", option->module, "name",
					option->name, "value", option->value, "reason", option->reason,
					"built-in", option->built_in, "live", option->live));
	}
	if (failed == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *files_to_json(const struct changes *files)
{
	json_t *list = json_array();
	int failed = 0;

	for (size_t i = 0; i < files->count; i++) {
		const struct change *change = &files->item[i];

		if (change->kind != CHANGE_FILE)
			continue;
		json_t *file = json_object();

		failed |= set(file, "path", json_text(change->path));
		failed |= set(file, "content", json_text(change->value));
		failed |= set(file, "reason", json_string(change->reason));
		failed |= set(file, "held", json_boolean(change->held));
		failed |= json_array_append_new(list, file);
	}
	if (failed == 0)
		return list;
	json_decref(list);
	return NULL;
}

int boot_to_json(const struct boot_machine *boot, json_t *report)
{
	_cleanup_free_ char *text = advice(boot);
	int failed = set(report, "machine", json_string(boot->machine.name));

	failed |= set(report, "parameters", parameters_to_json(&boot->boot));
	failed |= set(report, "options", options_to_json(&boot->boot));
	failed |= set(report, "files", files_to_json(&boot->files));
	failed |= set(report, "advice", text == NULL ? json_null() : json_text(text));
	return failed == 0 ? 0 : -ENOMEM;
}

static const char *state_name(enum boot_effect effect)
{
	switch (effect) {
	case BOOT_HELD:
		return "ok";
	case BOOT_NOT_HELD:
		return "bad";
	case BOOT_UNKNOWN:
		break;
	}
	return "unknown";
}

/* What was found may come from a host that means harm. */
static void print_plain(const char *text, FILE *stream)
{
	for (; *text != '\0'; text++)
		fputc(*text == '\n' ? ' ' : *text < 0x20 || *text > 0x7e ? '?' : *text, stream);
}

void boot_items_print(const struct boot_items *items, FILE *stream)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct boot_item *item = &items->item[i];

		fprintf(stream, "%-7s  %-9s  ", state_name(item->effect), item->kind);
		print_plain(item->item, stream);
		fprintf(stream, "%*s", strlen(item->item) < ITEM_COLUMNS ?
			(int)(ITEM_COLUMNS - strlen(item->item)) + 2 : 2, "");
		print_plain(item->found, stream);
		fputc('\n', stream);
	}
}

int boot_items_to_json(const struct boot_items *items, json_t *report)
{
	json_t *list = json_array();
	int failed = 0;

	for (size_t i = 0; i < items->count; i++) {
		const struct boot_item *item = &items->item[i];
		json_t *row = json_object();

		failed |= set(row, "kind", json_string(item->kind));
		failed |= set(row, "item", json_text(item->item));
		failed |= set(row, "state", json_string(state_name(item->effect)));
		failed |= set(row, "found", json_text(item->found));
		failed |= json_array_append_new(list, row);
	}
	failed |= set(report, "items", list);
	return failed == 0 ? 0 : -ENOMEM;
}
