// SPDX-License-Identifier: Apache-2.0
/*
 * Transparent hugepages: off for all, for shared memory, and, from Linux 6.8 on, for each size, which may
 * also be to inherit what holds for all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/host/host.h"
#include "rt/setting_plan.h"

#define THP "/sys/kernel/mm/transparent_hugepage"

enum { WORD_MAX = 32 };

/* The word in brackets of "always [madvise] never". */
static bool chosen_word(const char *text, char ret[WORD_MAX])
{
	const char *open = strchr(text, '[');
	size_t length = open == NULL ? 0 : strcspn(open + 1, "]");

	if (open == NULL || open[1 + length] != ']' || length == 0 || length >= WORD_MAX)
		return false;
	snprintf(ret, WORD_MAX, "%.*s", (int)length, open + 1);
	return true;
}

static bool is_off(const char *word)
{
	return strcmp(word, "never") == 0 || strcmp(word, "deny") == 0 || strcmp(word, "inherit") == 0;
}

static void want_off(const struct setting_plan *plan, const char *path, const char *old)
{
	const struct setting setting = {
		.path = path, .compare = COMPARE_CHOICE, .check = "P26-thp",
		.reason = "khugepaged moves pages together, and first has every CPU empty its lists of pages",
	};
	char word[WORD_MAX];

	if (chosen_word(old, word))
		change_restore(plan->changes, setting_add(plan, &setting, old, is_off(word) ? word : "never"), word);
	else
		setting_unknown(plan, path, -EINVAL);
}

void setting_hugepages(const struct setting_plan *plan)
{
	static const char *const others[] = {THP "/shmem_enabled", THP "/hugepages-*/enabled"};
	const char *old = NULL;

	if (!setting_read(plan, THP "/enabled", &old))
		return;
	want_off(plan, THP "/enabled", old);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const struct host_file *file;
		size_t at = 0;

		while ((file = host_files_next(&plan->subject.host->files, others[i], &at)) != NULL) {
			if (file->text != NULL)
				want_off(plan, file->path, file->text);
			else
				setting_unknown(plan, file->path, -file->error);
		}
	}
}
