#ifndef WAKEONE_DOCUMENT_H
#define WAKEONE_DOCUMENT_H

/*
 * One document in three forms: text for a terminal, Markdown whose tables can be read as they are, and HTML.
 *
 * What is written is a format, as of printf, whose own text may have `code` and **strong** in it. Arguments: "%s" is data,
 * which may come from elsewhere, and is escaped here and nowhere else, so that it means nothing in any form; "%v" is own
 * text that needs no escape in Markdown (numbers, intervals, sentences of this program), and may be marked up, too; "%r" is
 * in the form of the document already (document_inline()); "%u
 * %lu %zu %g %f" with width and precision are numbers as of printf.
 */

#include "text.h"

enum form { FORM_TEXT, FORM_MARKDOWN, FORM_HTML };

struct document {
    enum form form;
    struct text out;
    bool begun; /* a heading that is not the first has an empty line before it */
    struct table *table;
};

void document_begin(struct document *d, enum form form);
void document_free(struct document *d);

void document_heading(struct document *d, unsigned level, const char *format, ...);
void document_paragraph(struct document *d, const char *format, ...);

/* What belongs to the table above it; may have several lines. */
void document_note(struct document *d, const char *format, ...);

/* Lines that a reader can copy as they are. */
void document_listing(struct document *d, const char *format, ...);

void document_begin_list(struct document *d);
void document_item(struct document *d, const char *format, ...);
void document_end_list(struct document *d);

/* A table: its alignment, a letter for each column (l or r); its headings, then its rows, cell by cell. A row ends when it
 * has all its cells. */
void document_begin_table(struct document *d, const char *alignment);
void document_cell(struct document *d, const char *format, ...);
void document_end_table(struct document *d);

/* Forgets the table that was begun. */
void document_drop_table(struct document *d);

/* As it is: what is in the document's form already. */
void document_raw(struct document *d, const char *text);

/* The format's text in the document's form, to be freed. */
char *document_inline(const struct document *d, const char *format, ...);

#endif
