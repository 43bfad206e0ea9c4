/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS stubs, for programs that only load http:// URLs. */

#include "tls.h"

#include <errno.h>

struct tls *tls_open(const struct tls_options *options, const char *host, const char **wrong)
{
    (void)options, (void)host;
    *wrong = "https:// is unsupported: built without OpenSSL";
    return NULL;
}

void tls_close(struct tls *tls)
{
    (void)tls;
}

struct ssl_st *tls_begin(struct tls *tls, int fd, struct ssl_session_st **session)
{
    (void)tls, (void)fd, (void)session;
    return NULL;
}

enum tls_verdict tls_handshake(struct ssl_st *ssl)
{
    (void)ssl;
    return TLS_FAILED;
}

bool tls_is_resumed(const struct ssl_st *ssl)
{
    (void)ssl;
    return false;
}

void tls_get_facts(const struct ssl_st *ssl, struct tls_facts *facts)
{
    (void)ssl, (void)facts;
}

ssize_t tls_send(struct ssl_st *ssl, const void *data, size_t length)
{
    (void)ssl, (void)data, (void)length;
    errno = EPROTO;
    return -1;
}

ssize_t tls_receive(struct ssl_st *ssl, void *data, size_t size)
{
    (void)ssl, (void)data, (void)size;
    errno = EPROTO;
    return -1;
}

void tls_end(struct ssl_st *ssl, bool politely)
{
    (void)ssl, (void)politely;
}

void tls_forget(struct ssl_session_st *session)
{
    (void)session;
}

const char *tls_error(void)
{
    return "built without OpenSSL";
}
