/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_DOCUMENT_H
#define WAKEONE_DOCUMENT_H

/*
 * One document in three forms: text for a terminal, Markdown with aligned tables, and HTML.
 *
 * Formats are as in printf; their text may contain `code` and **strong**. Arguments: "%s" is data, which may come from
 * elsewhere and is escaped here and nowhere else; "%v" is text of this program that needs no escape in Markdown (numbers,
 * intervals, sentences), and may contain marks; "%r" is already in the form of the document (document_inline()); "%u %lu %zu
 * %g %f" with width and precision are numbers as in printf.
 */

#include "text.h"

enum form { FORM_TEXT, FORM_MARKDOWN, FORM_HTML };

struct document {
    enum form form;
    struct text out;
    bool begun; /* an empty line precedes every heading but the first */
    struct table *table;
};

void document_begin(struct document *d, enum form form);
void document_free(struct document *d);

void document_heading(struct document *d, unsigned level, const char *format, ...);
void document_paragraph(struct document *d, const char *format, ...);

/* A note on the table above it; may have several lines. */
void document_note(struct document *d, const char *format, ...);

/* Lines to be copied verbatim. */
void document_listing(struct document *d, const char *format, ...);

void document_begin_list(struct document *d);
void document_item(struct document *d, const char *format, ...);
void document_end_list(struct document *d);

/* A table: its alignment, one letter per column (l or r); its headings, then its rows, cell by cell. A row ends with its last
 * cell. */
void document_begin_table(struct document *d, const char *alignment);
void document_cell(struct document *d, const char *format, ...);
void document_end_table(struct document *d);

/* Discards the table that was begun. */
void document_drop_table(struct document *d);

/* Verbatim: text already in the document's form. */
void document_raw(struct document *d, const char *text);

/* The formatted text in the document's form; the caller frees it. */
char *document_inline(const struct document *d, const char *format, ...);

#endif
