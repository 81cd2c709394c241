// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/refusal.h"
#include "core/config/schema.h"
#include "core/config/schema_json.h"

static const char help[] =
	"Usage: bulkhead schema [--json]\n"
	"Print every key of a machine file with what it takes and what it means.\n"
	"\n"
	"      --json  print JSON Schema instead, for editors and other programs\n"
	"  -h, --help  show this text\n";

enum {
	WIDTH = 80,
	INDENT = 4,
};

/* Prints @text indented, broken between words. */
static void print_wrapped(const char *text)
{
	int column = 0;

	while (*text != '\0') {
		int length = (int)strcspn(text, " ");

		if (column != 0 && column + 1 + length > WIDTH) {
			putchar('\n');
			column = 0;
		}
		column += printf("%*s%.*s", column == 0 ? INDENT : 1, "", length, text);
		text += length;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void print_key(const struct key *key)
{
	char allowed[256];
	char line[512];

	printf("  %s", key->path);
	if ((key->flags & KEY_REQUIRED) != 0)
		printf(" (required)");
	else if (key->fallback != NULL && *key->fallback != '\0')
		printf(" (%s)", key->fallback);
	putchar('\n');
	print_wrapped(key->help);
	snprintf(line, sizeof(line), "Takes %s.", key_allowed(key, allowed, sizeof(allowed)));
	print_wrapped(line);
	if (key->choices == NULL)
		return;
	for (const struct choice *choice = key->choices; choice->word != NULL; choice++) {
		snprintf(line, sizeof(line), "%s: %s.", choice->word, choice->help);
		print_wrapped(line);
	}
}

static void print_keys(const char *title, const struct schema *schema)
{
	printf("%s\n", title);
	for (size_t i = 0; i < schema->key_count; i++) {
		putchar('\n');
		print_key(&schema->keys[i]);
	}
}

/* The keys of lists whose items are mappings of their own. */
static void print_items(const struct schema *schema)
{
	for (size_t i = 0; i < schema->key_count; i++) {
		const struct key *key = &schema->keys[i];

		if (key->type != VALUE_ITEMS)
			continue;
		printf("\nEach item of %s: ", key->path);
		print_keys(key->items->help, key->items);
	}
}

static int print_json(void)
{
	json_t *tree = schema_to_json();
	int failed = tree == NULL || json_dumpf(tree, stdout, JSON_INDENT(2)) != 0;

	json_decref(tree);
	putchar('\n');
	return output_finish(failed ? COMMAND_UNKNOWN : COMMAND_HELD);
}

int command_schema(int argc, char **argv)
{
	bool json = false;
	const struct command_option options[] = {
		{"json", .flag = &json},
		{0},
	};
	struct command_arguments arguments;
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != 0)
		return refusal_usage(argv[0], "no arguments are taken");
	if (json)
		return print_json();
	print_keys("The machine file: keys, and in parentheses what they are when not given.\n"
		   "A dot stands for nesting: memory.size is size in the mapping memory.",
		   &machine_schema);
	print_keys("\nEach item of partitions, and each profile:", &partition_schema);
	print_items(&partition_schema);
	return output_finish(COMMAND_HELD);
}
