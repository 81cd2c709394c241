// SPDX-License-Identifier: Apache-2.0
#include "core/base/journal_line.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"

enum { JOURNAL_VERSION = 1 };

static const char *const compare_name[] = {
	[COMPARE_EXACT] = "exact",   [COMPARE_NUMBER] = "number", [COMPARE_CPUS] = "cpus",
	[COMPARE_WITHIN] = "within",
	[COMPARE_MASK] = "mask",     [COMPARE_CHOICE] = "choice", [COMPARE_WORD] = "word",
	[COMPARE_LINES] = "lines",
};

static const char *const after_name[] = {
	[AFTER_NOTHING] = "nothing",
	[AFTER_SYSTEMD_RELOAD] = "systemd-reload",
	[AFTER_IRQBALANCE_RESTART] = "irqbalance-restart",
	[AFTER_BOOT_UPDATE] = "boot-update",
};

/* The domains of struct change, which does not own its domain. */
static const char *const domain_name[] = {
	"other", "cgroup", "interrupts", "kernel", "threads", "hugepages", "cache", "systemd", "boot",
	"machine",
};

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

static int find_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return (int)i;
	}
	return -EINVAL;
}

static void cleanup_json(json_t **value)
{
	json_decref(*value);
}

#define _cleanup_json_ _cleanup_(cleanup_json)

/* NULL for want of memory; JSON's null for a text that is none. */
static json_t *json_bytes(const char *text)
{
	if (text == NULL)
		return json_null();
	_cleanup_free_ char *utf8 = malloc(2 * strlen(text) + 1);
	size_t length = 0;

	if (utf8 == NULL)
		return NULL;
	for (const char *c = text; *c != '\0'; c++) {
		unsigned char byte = (unsigned char)*c;

		if (byte >= 0x80)
			utf8[length++] = (char)(0xc0 | byte >> 6);
		utf8[length++] = (char)(byte < 0x80 ? byte : 0x80 | (byte & 0x3f));
	}
	utf8[length] = '\0';
	return json_stringn(utf8, length);
}

/* The other way round: characters above U+00FF are no bytes. */
static int bytes_of(const json_t *value, char **ret)
{
	const char *utf8 = json_string_value(value);
	size_t length = 0;

	if (json_is_null(value)) {
		*ret = NULL;
		return 0;
	}
	char *bytes = utf8 == NULL ? NULL : malloc(strlen(utf8) + 1);

	if (bytes == NULL)
		return utf8 == NULL ? -EBADMSG : -ENOMEM;
	while (*utf8 != '\0') {
		unsigned char first = (unsigned char)*utf8++;

		if (first > 0xc3) {
			free(bytes);
			return -EBADMSG;
		}
		if (first >= 0x80)
			first = (unsigned char)(first << 6 | ((unsigned char)*utf8++ & 0x3f));
		bytes[length++] = (char)first;
	}
	bytes[length] = '\0';
	*ret = bytes;
	return 0;
}

static json_t *json_owner(const struct journal_record *record)
{
	if (!record->has_owner)
		return json_null();
	return json_pack("[I,I,I]", (json_int_t)record->owner.mode, (json_int_t)record->owner.uid,
			 (json_int_t)record->owner.gid);
}

static json_t *json_record(const struct journal_record *record)
{
	const struct change *change = &record->change;
	int domain = find_name(domain_name, COUNT(domain_name), change->domain == NULL ? "" : change->domain);

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:I, s:o, s:s, s:o, s:o, s:b}",
			 "change", change_kind_name(change->kind), "path", json_bytes(change->path),
			 "old", json_bytes(change->old), "value", json_bytes(change->value),
			 "restore", json_bytes(change->restore), "expect", json_bytes(change->expect),
			 "compare", compare_name[change->compare], "after", after_name[change->after],
			 "started", (json_int_t)change->started, "name", json_bytes(change->name),
			 "domain", domain_name[domain < 0 ? 0 : domain],
			 "reason", json_bytes(change->reason), "owner", json_owner(record),
			 "implied", (int)record->implied);
}

static json_t *json_line(enum journal_mark mark, const struct journal_record *record)
{
	switch (mark) {
	case JOURNAL_HEAD:
		return json_pack("{s:i}", "journal", JOURNAL_VERSION);
	case JOURNAL_BEGIN_APPLY:
		return json_pack("{s:s}", "begin", "apply");
	case JOURNAL_BEGIN_ADD:
		return json_pack("{s:s}", "begin", "add");
	case JOURNAL_RECORD:
		return json_record(record);
	case JOURNAL_END:
		return json_pack("{s:b}", "end", 1);
	}
	return NULL;
}

char *journal_line_encode(enum journal_mark mark, const struct journal_record *record)
{
	_cleanup_json_ json_t *line = json_line(mark, record);
	_cleanup_free_ char *text = line == NULL ? NULL : json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII);
	char *with_newline = NULL;

	if (text == NULL || asprintf(&with_newline, "%s\n", text) < 0)
		return NULL;
	return with_newline;
}

/* struct fields - a record's values before they are judged; borrowed from the line's value. */
struct fields {
	const char *kind;
	const char *compare;
	const char *after;
	const char *domain;
	json_t *path;
	json_t *old;
	json_t *value;
	json_t *restore;
	json_t *expect;
	json_t *name;
	json_t *reason;
	json_t *owner;
	json_int_t started;
	int implied;
};

static int decode_text(const json_t *value, char *ret, size_t size)
{
	_cleanup_free_ char *text = NULL;
	int error = bytes_of(value, &text);

	if (error == 0 && text == NULL)
		return -EBADMSG;
	if (error == 0)
		snprintf(ret, size, "%s", text);
	return error;
}

static int decode_texts(const struct fields *fields, struct change *change)
{
	int error = bytes_of(fields->path, &change->path);

	if (error == 0)
		error = bytes_of(fields->old, &change->old);
	if (error == 0)
		error = bytes_of(fields->value, &change->value);
	if (error == 0)
		error = bytes_of(fields->restore, &change->restore);
	if (error == 0)
		error = bytes_of(fields->expect, &change->expect);
	if (error == 0)
		error = decode_text(fields->name, change->name, sizeof(change->name));
	if (error == 0)
		error = decode_text(fields->reason, change->reason, sizeof(change->reason));
	return error;
}

static int decode_names(const struct fields *fields, struct change *change)
{
	int compare = find_name(compare_name, COUNT(compare_name), fields->compare);
	int after = find_name(after_name, COUNT(after_name), fields->after);
	int domain = find_name(domain_name, COUNT(domain_name), fields->domain);

	if (compare < 0 || after < 0 || domain < 0 || fields->started < 0 ||
	    change_kind_parse(fields->kind, &change->kind) != 0)
		return -EBADMSG;
	change->compare = (enum change_compare)compare;
	change->after = (enum change_after)after;
	change->domain = domain_name[domain];
	change->started = (uint64_t)fields->started;
	return 0;
}

static int decode_owner(json_t *value, struct journal_record *record)
{
	json_int_t mode;
	json_int_t uid;
	json_int_t gid;

	if (json_is_null(value))
		return 0;
	if (json_unpack_ex(value, NULL, JSON_STRICT, "[I,I,I]", &mode, &uid, &gid) != 0 ||
	    mode < 0 || mode > 07777 || uid < 0 || uid > UINT32_MAX || gid < 0 || gid > UINT32_MAX)
		return -EBADMSG;
	record->owner = (struct file_owner){(mode_t)mode, (uid_t)uid, (gid_t)gid};
	record->has_owner = true;
	return 0;
}

static bool is_sound(const struct change *change)
{
	return change->path != NULL && change->path[0] == '/' && strlen(change->path) < PATH_MAX &&
	       change_makes(change) == (change->value == NULL);
}

static int decode_record(json_t *line, struct journal_record *ret)
{
	struct fields fields;
	struct journal_record record = {0};
	int error;

	if (json_unpack_ex(line, NULL, JSON_STRICT,
			   "{s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:I, s:o, s:s, s:o, s:o, s:b}",
			   "change", &fields.kind, "path", &fields.path, "old", &fields.old,
			   "value", &fields.value, "restore", &fields.restore, "expect", &fields.expect,
			   "compare", &fields.compare, "after", &fields.after, "started", &fields.started,
			   "name", &fields.name, "domain", &fields.domain, "reason", &fields.reason,
			   "owner", &fields.owner,
			   "implied", &fields.implied) != 0)
		return -EBADMSG;
	record.implied = fields.implied != 0;
	error = decode_names(&fields, &record.change);
	if (error == 0)
		error = decode_texts(&fields, &record.change);
	if (error == 0)
		error = decode_owner(fields.owner, &record);
	if (error == 0 && !is_sound(&record.change))
		error = -EBADMSG;
	if (error != 0)
		journal_record_done(&record);
	else
		*ret = record;
	return error;
}

static int decode_begin(const json_t *value, enum journal_mark *ret)
{
	const char *what = json_string_value(value);

	if (what == NULL || (strcmp(what, "apply") != 0 && strcmp(what, "add") != 0))
		return -EBADMSG;
	*ret = strcmp(what, "apply") == 0 ? JOURNAL_BEGIN_APPLY : JOURNAL_BEGIN_ADD;
	return 0;
}

static int decode_line(json_t *line, enum journal_mark *ret_mark, struct journal_record *ret_record,
		       struct diag *why)
{
	const json_t *version = json_object_get(line, "journal");
	const json_t *begin = json_object_get(line, "begin");

	if (json_object_get(line, "change") != NULL) {
		*ret_mark = JOURNAL_RECORD;
		return decode_record(line, ret_record);
	}
	if (json_object_size(line) != 1)
		return -EBADMSG;
	if (begin != NULL)
		return decode_begin(begin, ret_mark);
	if (json_is_true(json_object_get(line, "end"))) {
		*ret_mark = JOURNAL_END;
		return 0;
	}
	if (!json_is_integer(version))
		return -EBADMSG;
	if (json_integer_value(version) != JOURNAL_VERSION)
		return diag_set(why, EBADMSG, "the journal has version %lld, and only %d is understood",
				(long long)json_integer_value(version), JOURNAL_VERSION);
	*ret_mark = JOURNAL_HEAD;
	return 0;
}

int journal_line_decode(const char *text, size_t length, enum journal_mark *ret_mark,
			struct journal_record *ret_record, struct diag *why)
{
	struct diag reason = {0};
	_cleanup_json_ json_t *line = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	int error = line == NULL ? -EBADMSG : decode_line(line, ret_mark, ret_record, &reason);

	if (error == -ENOMEM)
		return diag_set(why, ENOMEM, "not enough memory to read the journal");
	if (error == 0)
		return 0;
	diag_set(why, EBADMSG, "%s", reason.error != 0 ? reason.text : "the line is no line of a journal");
	if (reason.error == 0)
		diag_got(why, text, length);
	return -EBADMSG;
}

void journal_record_done(struct journal_record *record)
{
	change_done(&record->change);
	*record = (struct journal_record){0};
}
