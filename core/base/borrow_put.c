// SPDX-License-Identifier: Apache-2.0
/* One setting, put back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow_session.h"
#include "core/base/change_compare.h"
#include "core/base/cleanup.h"
#include "core/base/cpulist.h"

static bool is_gone(int error)
{
	return error == -ENOENT || error == -ENODEV || error == -ESRCH;
}

/* "always [madvise] never": the word in brackets. */
static char *chosen_word(const char *text)
{
	const char *open = strchr(text, '[');
	const char *close = open == NULL ? NULL : strchr(open, ']');

	return close == NULL ? strdup(text) : strndup(open + 1, (size_t)(close - open - 1));
}

/* A cpuset partition that is not valid reads "isolated invalid (why)", and takes "isolated". */
static char *plain_text(const char *text)
{
	const char *invalid = strstr(text, " invalid (");

	return invalid == NULL ? strdup(text) : strndup(text, (size_t)(invalid - text));
}

/* Of "+cpuset", "-cpuset", "NO_HRTICK" and "HRTICK" the one that holds in @before. */
static char *word_back(const char *value, const char *before)
{
	static const char no[] = "NO_";
	bool is_signed = *value == '+' || *value == '-';
	bool is_no = !is_signed && strncmp(value, no, strlen(no)) == 0;
	const char *word = value + (is_signed ? 1 : is_no ? strlen(no) : 0);
	char *back = NULL;

	if (change_compare(COMPARE_WORD, value, before))
		return strdup(value);
	if (asprintf(&back, "%s%s", is_signed ? (*value == '+' ? "-" : "+") : is_no ? "" : no, word) < 0)
		return NULL;
	return back;
}

int borrow_put_text(const struct change *change, const char *before, char **ret)
{
	bool is_first = change->old != NULL && before != NULL && strcmp(before, change->old) == 0;

	*ret = NULL;
	if (before == NULL || change_makes(change))
		return 0;
	if (is_first && change->restore != NULL)
		*ret = strdup(change->restore);
	else if (!is_first && change_holds(change, before))
		*ret = strdup(change->value);
	else if (change->compare == COMPARE_CHOICE)
		*ret = chosen_word(before);
	else if (change->compare == COMPARE_WORD)
		*ret = word_back(change->value, before);
	else
		*ret = change->kind == CHANGE_GROUP_TEXT ? plain_text(before) : strdup(before);
	return *ret == NULL ? -ENOMEM : 0;
}

static bool owner_is(const struct borrow_put *put)
{
	struct file_owner owner;

	return put->owner == NULL ||
	       (file_owner_get(put->change->path, &owner) == 0 && owner.mode == put->owner->mode &&
		owner.uid == put->owner->uid && owner.gid == put->owner->gid);
}

static bool reads_as_before(const struct borrow_put *put, const char *now)
{
	if (put->before == NULL || now == NULL || change_makes(put->change))
		return (put->before == NULL) == (now == NULL);
	return strcmp(put->before, now) == 0;
}

/* Whether the CPUs of @now are among those of @before. */
static bool is_part_of(const char *before, const char *now)
{
	struct cpulist all;
	struct cpulist part;

	if (cpulist_parse_kernel(before, &all) != 0 || cpulist_parse_kernel(now, &part) != 0)
		return false;
	cpulist_minus(&part, &all, &part);
	return cpulist_empty(&part);
}

/* A file comes back byte for byte; the kernel may write a setting of its own in another way. */
static bool reads_back(const struct borrow_put *put, const char *now)
{
	const struct change *change = put->change;

	if (reads_as_before(put, now))
		return owner_is(put);
	if (put->before == NULL || now == NULL || change_makes(change) || change->kind == CHANGE_FILE)
		return false;
	return change_compare(COMPARE_EXACT, put->before, now) ||
	       change_compare(change->compare, put->text, now) ||
	       (put->may_be_cut && is_part_of(put->before, now));
}

/* As borrow_calls.read, but that the absence of what may be absent is a NULL. */
static int read_now(const struct borrow_session *session, const struct change *change, char **ret,
		    struct diag *why)
{
	int error = session->calls.read(change, ret, why);

	if (error != -ENOENT || !change_is_optional(change))
		return error;
	*why = (struct diag){0};
	return 0;
}

static int write_back(const struct borrow_session *session, const struct borrow_put *put, struct diag *why)
{
	const struct change *change = put->change;
	int error;

	borrow_progress(session, change, true);
	if (put->before == NULL)
		return session->calls.remove(change, why);
	error = session->calls.write(change, put->text, why);
	if (error == 0 && !owner_is(put))
		error = file_owner_set(change->path, put->owner);
	return error;
}

static int check(const struct borrow_session *session, const struct borrow_put *put, struct diag *why)
{
	_cleanup_free_ char *now = NULL;
	int error = read_now(session, put->change, &now, why);

	if (error != 0)
		return is_gone(error) ? BORROW_PUT_GONE : error;
	if (reads_back(put, now))
		return BORROW_PUT_DONE;
	diag_set(why, EIO, "was put back and reads otherwise");
	diag_got(why, now == NULL ? "" : now, now == NULL ? 0 : strcspn(now, "\n"));
	diag_allowed(why, "\"%.*s\"", put->before == NULL ? 0 : (int)strcspn(put->before, "\n"),
		     put->before == NULL ? "" : put->before);
	return -EIO;
}

/* A folder that others have put files into since is theirs now. */
static bool is_theirs(const struct borrow_session *session, const struct borrow_put *put, int error)
{
	return error == -ENOTEMPTY && put->change->kind == CHANGE_FOLDER && session->why.error == 0;
}

int borrow_put(const struct borrow_session *session, struct borrow_put *put, struct diag *why)
{
	const struct change *change = put->change;
	_cleanup_free_ char *now = NULL;
	int error = change->kind == CHANGE_FILE ? file_tidy(change->path) : 0;

	if (error != 0 && error != -ENOENT)
		return diag_set(why, -error, "what an unfinished write left beside it cannot be removed (%s)",
				strerror(-error));
	error = read_now(session, change, &now, why);
	if (is_gone(error))
		return BORROW_PUT_GONE;
	if (error != 0)
		return error;
	if (reads_as_before(put, now) && (put->before == NULL || owner_is(put)))
		return BORROW_PUT_ALREADY;
	put->foreign = !reads_as_before(put, now) && !change_holds(change, now);
	error = write_back(session, put, why);
	if (is_theirs(session, put, error)) {
		put->foreign = true;
		return BORROW_PUT_GONE;
	}
	/* None of its CPUs is left. */
	if (error == -EINVAL && put->may_be_cut)
		return BORROW_PUT_GONE;
	if (is_gone(error) && (put->before == NULL || !change_is_optional(change)))
		return BORROW_PUT_GONE;
	return error != 0 ? error : check(session, put, why);
}
