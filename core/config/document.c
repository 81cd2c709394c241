// SPDX-License-Identifier: Apache-2.0
#include "core/config/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/config/text.h"

/* struct parse - a parse under way. */
struct parse {
	yaml_parser_t yaml;
	const char *text;
	size_t length;
	unsigned nodes;
	struct diag *why;
};

static void node_free(struct node *node)
{
	while (node != NULL) {
		struct node *next = node->next;

		node_free(node->key);
		node_free(node->child); /* as deep as DOCUMENT_DEPTH_MAX, no deeper */
		free(node->text);
		free(node);
		node = next;
	}
}

static void event_done(yaml_event_t *event)
{
	yaml_event_delete(event);
}

static void parser_done(struct parse *parse)
{
	yaml_parser_delete(&parse->yaml);
}

bool node_is_nothing(const struct node *node)
{
	return node->kind == NODE_SCALAR && node->plain &&
	       (*node->text == '\0' || strcmp(node->text, "~") == 0 ||
		strcasecmp(node->text, "null") == 0);
}

static void place(struct parse *parse, yaml_mark_t mark)
{
	diag_at(parse->why, NULL, (unsigned)mark.line + 1, (unsigned)mark.column + 1);
}

static int out_of_memory(struct parse *parse)
{
	return diag_set(parse->why, ENOMEM, "not enough memory for the file");
}

static int syntax_refuse(struct parse *parse)
{
	yaml_mark_t mark = parse->yaml.problem_mark;

	if (parse->yaml.error == YAML_MEMORY_ERROR)
		return out_of_memory(parse);
	place(parse, mark);
	diag_set(parse->why, EINVAL, "not YAML: %s",
		 parse->yaml.problem != NULL ? parse->yaml.problem : "cannot be read");
	if (mark.index < parse->length && parse->text[mark.index] == '\t')
		diag_remedy(parse->why, "indent with spaces, not with tabs");
	else
		diag_remedy(parse->why, "check the indentation and the quotes here and above");
	return -EINVAL;
}

static int event_next(struct parse *parse, yaml_event_t *ret)
{
	if (yaml_parser_parse(&parse->yaml, ret) == 0) {
		memset(ret, 0, sizeof(*ret));
		return syntax_refuse(parse);
	}
	return 0;
}

static int feature_refuse(struct parse *parse, yaml_mark_t mark, const char *text,
			  const char *remedy)
{
	place(parse, mark);
	diag_set(parse->why, EINVAL, "%s", text);
	diag_remedy(parse->why, "%s", remedy);
	return -EINVAL;
}

static int event_check(struct parse *parse, const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL;
	const yaml_char_t *tag = NULL;

	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	}
	if (anchor != NULL || event->type == YAML_ALIAS_EVENT)
		return feature_refuse(parse, event->start_mark, "YAML anchors and aliases are not taken",
				      "write the value out, or quote a text that begins with & or *");
	if (tag != NULL)
		return feature_refuse(parse, event->start_mark, "YAML tags are not taken",
				      "remove the tag, or quote a text that begins with !");
	return 0;
}

static int scalar_read(struct parse *parse, const yaml_event_t *event, struct node *node)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;

	/* Escapes and line breaks inside quotes can still bring in what text_check() kept out. */
	if (text_has_control(text, length)) {
		feature_refuse(parse, event->start_mark, "control character or line break in a text",
			       "write the text on one line; a folded one begins with >-");
		diag_got(parse->why, text, length);
		return -EINVAL;
	}
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->text = strndup(text, length);
	return node->text != NULL ? 0 : out_of_memory(parse);
}

static int node_read(struct parse *parse, const yaml_event_t *event, unsigned depth,
		     struct node **ret);

/* Reads the next value of a collection into @ret, or leaves NULL there at its end. */
static int child_read(struct parse *parse, bool mapping, unsigned depth, struct node **ret)
{
	_cleanup_(event_done) yaml_event_t first = {0};
	_cleanup_(event_done) yaml_event_t second = {0};
	int error = event_next(parse, &first);

	if (error != 0 || first.type == YAML_SEQUENCE_END_EVENT ||
	    first.type == YAML_MAPPING_END_EVENT)
		return error;
	if (!mapping)
		return node_read(parse, &first, depth, ret);
	if (first.type == YAML_SEQUENCE_START_EVENT || first.type == YAML_MAPPING_START_EVENT)
		return feature_refuse(parse, first.start_mark, "a list or mapping as a key",
				      "write the key as one word");

	struct node *key = NULL;
	error = node_read(parse, &first, depth, &key);
	if (error == 0)
		error = event_next(parse, &second);
	if (error == 0)
		error = node_read(parse, &second, depth, ret);
	if (error != 0) {
		node_free(key);
		return error;
	}
	(*ret)->key = key;
	return 0;
}

static int collection_read(struct parse *parse, struct node *node, unsigned depth)
{
	struct node **end = &node->child;

	for (;;) {
		int error = child_read(parse, node->kind == NODE_MAPPING, depth, end);

		if (error != 0 || *end == NULL)
			return error;
		end = &(*end)->next;
	}
}

static int node_read(struct parse *parse, const yaml_event_t *event, unsigned depth,
		     struct node **ret)
{
	int error = event_check(parse, event);

	if (error != 0)
		return error;
	if (depth > DOCUMENT_DEPTH_MAX || ++parse->nodes > DOCUMENT_NODES_MAX) {
		place(parse, event->start_mark);
		diag_set(parse->why, E2BIG, depth > DOCUMENT_DEPTH_MAX ? "nested too deep"
								       : "too many values");
		diag_allowed(parse->why, "%d levels and %d values", DOCUMENT_DEPTH_MAX,
			     DOCUMENT_NODES_MAX);
		return -E2BIG;
	}

	struct node *node = calloc(1, sizeof(*node));
	if (node == NULL)
		return out_of_memory(parse);
	node->line = (unsigned)event->start_mark.line + 1;
	node->column = (unsigned)event->start_mark.column + 1;
	if (event->type == YAML_SCALAR_EVENT) {
		error = scalar_read(parse, event, node);
	} else {
		node->kind = event->type == YAML_MAPPING_START_EVENT ? NODE_MAPPING : NODE_LIST;
		error = collection_read(parse, node, depth + 1);
	}
	if (error != 0) {
		node_free(node);
		return error;
	}
	*ret = node;
	return 0;
}

/* Stream start, document start, the root, document end, stream end; nothing else. */
static int stream_read(struct parse *parse, struct node **ret_root)
{
	static const yaml_event_type_t before[] = {YAML_STREAM_START_EVENT,
						   YAML_DOCUMENT_START_EVENT};
	int error = 0;

	for (size_t i = 0; i < 2 && error == 0; i++) {
		_cleanup_(event_done) yaml_event_t event = {0};

		error = event_next(parse, &event);
		if (error == 0 && event.type != before[i])
			return feature_refuse(parse, event.start_mark, "the file is empty",
					      "start from \"bulkhead schema\" or an example");
	}
	if (error == 0) {
		_cleanup_(event_done) yaml_event_t event = {0};

		error = event_next(parse, &event);
		if (error == 0)
			error = node_read(parse, &event, 1, ret_root);
	}
	for (size_t i = 0; i < 2 && error == 0; i++) {
		_cleanup_(event_done) yaml_event_t event = {0};

		error = event_next(parse, &event);
		if (error == 0 && event.type == YAML_DOCUMENT_START_EVENT)
			error = feature_refuse(parse, event.start_mark, "a second document",
					       "keep one machine to a file");
	}
	return error;
}

static int size_refuse(struct diag *why)
{
	diag_set(why, E2BIG, "the file is too large");
	diag_allowed(why, "%d bytes", DOCUMENT_BYTES_MAX);
	diag_remedy(why, "give the machine file, not another one");
	return -E2BIG;
}

int document_parse(const char *text, size_t length, const char *name, struct document *ret,
		   struct diag *why)
{
	_cleanup_(parser_done) struct parse parse = {.text = text, .length = length, .why = why};
	struct document document = {0};

	diag_at(why, name, 0, 0);
	if (length > DOCUMENT_BYTES_MAX)
		return size_refuse(why);
	int error = text_check(text, length, why);
	if (error != 0)
		return error;
	document.name = strdup(name);
	if (document.name == NULL || yaml_parser_initialize(&parse.yaml) == 0) {
		free(document.name);
		return out_of_memory(&parse);
	}
	yaml_parser_set_encoding(&parse.yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parse.yaml, (const unsigned char *)text, length);
	error = stream_read(&parse, &document.root);
	if (error != 0) {
		document_done(&document);
		return error;
	}
	*ret = document;
	return 0;
}

/* Reads at most @size bytes; returns how many, or -errno. */
static ssize_t read_whole(int fd, char *buffer, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t count = read(fd, buffer + used, size - used);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			break;
		used += (size_t)count;
	}
	return (ssize_t)used;
}

int document_read(const char *path, struct document *ret, struct diag *why)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_free_ char *buffer = NULL;

	diag_at(why, path, 0, 0);
	if (fd < 0) {
		int error = errno;

		diag_set(why, error, "cannot open the file: %s", strerror(error));
		diag_remedy(why, "check the path and its permissions");
		return -error;
	}
	buffer = malloc(DOCUMENT_BYTES_MAX + 1);
	if (buffer == NULL)
		return diag_set(why, ENOMEM, "not enough memory for the file");
	ssize_t length = read_whole(fd, buffer, DOCUMENT_BYTES_MAX + 1);
	if (length < 0)
		return diag_set(why, (int)-length, "cannot read the file: %s",
				strerror((int)-length));
	return document_parse(buffer, (size_t)length, path, ret, why);
}

void document_done(struct document *document)
{
	node_free(document->root);
	free(document->name);
	*document = (struct document){0};
}
