// SPDX-License-Identifier: Apache-2.0
/*
 * A journal that somebody else wrote, or a disk mangled: it is refused with its line, or each of its records
 * comes out as it would go in. Nothing that it names is touched.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/diag.h"
#include "core/base/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/dev/shm/bulkhead-fuzz-XXXXXX";
static char path[64];

static void remove_folder(void)
{
	unlink(path);
	rmdir(folder);
}

static void make_folder(void)
{
	if (path[0] != '\0')
		return;
	if (mkdtemp(folder) == NULL) {
		snprintf(folder, sizeof(folder), "/tmp/bulkhead-fuzz-XXXXXX");
		if (mkdtemp(folder) == NULL)
			abort();
	}
	snprintf(path, sizeof(path), "%s/journal", folder);
	atexit(remove_folder);
}

static void store(const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

static void comes_out_as_it_went_in(const struct journal_record *record)
{
	struct journal_record back;
	enum journal_mark mark;
	char *line = journal_line_encode(JOURNAL_RECORD, record);

	if (line == NULL || journal_line_decode(line, strlen(line) - 1, &mark, &back, NULL) != 0 ||
	    mark != JOURNAL_RECORD)
		abort();
	char *again = journal_line_encode(JOURNAL_RECORD, &back);

	if (again == NULL || strcmp(line, again) != 0 || !change_same(&record->change, &back.change))
		abort();
	journal_record_done(&back);
	free(again);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct journal journal;
	struct diag why = {0};

	make_folder();
	store(data, size);
	int error = journal_load(folder, &journal, &why);

	if (error != 0 && (why.error == 0 || why.line == 0 || why.text[0] == '\0'))
		abort();
	for (size_t i = 0; i < journal.count; i++) {
		comes_out_as_it_went_in(journal.record[i]);
		if (journal_find(&journal, &journal.record[i]->change) != journal.record[i])
			abort();
	}
	journal_done(&journal);
	const struct borrow borrow = {.folder = folder};
	struct changes changes;
	bool finished;

	borrow_list(&borrow, &changes, &finished, &why);
	changes_done(&changes);
	return 0;
}
