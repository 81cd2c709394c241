// SPDX-License-Identifier: Apache-2.0
/*
 * A YAML file as a tree whose every node knows its line and column.
 *
 * Only the plain part of YAML is taken: one document of mappings, lists and scalars. Anchors,
 * aliases, tags, directives and complex keys are refused, because a machine file must say what it
 * says where it says it. Scalars stay text; what a text means is for the schema to decide.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct diag;

enum {
	DOCUMENT_BYTES_MAX = 1 << 20,
	DOCUMENT_NODES_MAX = 1 << 16,
	DOCUMENT_DEPTH_MAX = 8, /* the machine file itself needs seven */
};

enum node_kind {
	NODE_SCALAR,
	NODE_LIST,
	NODE_MAPPING,
};

/**
 * struct node - one value in the file.
 * @plain: a scalar without quotes; only such a scalar can be a number, a truth value or nothing.
 * @line, @column: where it begins, from 1; columns count characters.
 * @text: a scalar's text, UTF-8 without control characters, terminated; NULL in other nodes.
 * @key: in a mapping's values, the key's node; NULL elsewhere.
 * @child: the first item of a list or the first value of a mapping.
 * @next: the next one of the same list or mapping.
 */
struct node {
	enum node_kind kind;
	bool plain;
	unsigned line;
	unsigned column;
	char *text;
	struct node *key;
	struct node *child;
	struct node *next;
};

/** struct document - one parsed file; all of it is owned. */
struct document {
	char *name; /* as given, for messages */
	struct node *root;
};

/**
 * document_read() - read and parse a file.
 * @path: opened as it is; "-" is not special.
 * @ret: set on success only; the caller ends it with document_done().
 * @why: file, line, column and reason.
 *
 * Stage: load. Returns 0; -EINVAL not in the format; -E2BIG too large or too deep; -ENOMEM; what
 * open and read say.
 */
int document_read(const char *path, struct document *ret, struct diag *why);

/** document_parse() - the same from memory; @name stands for the path in messages. Pure. */
int document_parse(const char *text, size_t length, const char *name, struct document *ret,
		   struct diag *why);

void document_done(struct document *document);

/** node_is_nothing() - whether no value was given: "key:", "key: ~", "key: null". */
bool node_is_nothing(const struct node *node);
