// SPDX-License-Identifier: Apache-2.0
/*
 * The machine file: any bytes either load or are refused with a reason, and what loads can be shown
 * and loads again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/config/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show_again(const struct machine_config *machine)
{
	struct machine_config back;
	struct diag why = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (stream == NULL)
		return;
	int error = machine_write_yaml(machine, stream);
	fclose(stream);
	if (error == 0)
		error = machine_load_text(text, size, "shown", &back, &why);
	if (error != 0) {
		fprintf(stderr, "%s\n%.*s", why.text, (int)size, text);
		abort();
	}
	if (back.partition_count != machine->partition_count)
		abort();
	machine_done(&back);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine_config machine;
	struct diag why = {0};
	char line[2048];
	int error = machine_load_text((const char *)data, size, "input", &machine, &why);

	if (error != 0) {
		if (why.error != -error || why.text[0] == '\0' || why.file[0] == '\0')
			abort();
		diag_format(&why, line, sizeof(line));
		return 0;
	}
	show_again(&machine);
	machine_done(&machine);
	return 0;
}
