/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TLS_H
#define WAKEONE_TLS_H

/*
 * TLS for connections of the load, on OpenSSL, over non-blocking sockets: TLS 1.2 and 1.3, ALPN http/1.1.
 *
 * Only `load` is linked with it (tls.c). Programs that only load the suite's own servers, which do not support TLS, and
 * those for guests use tls_none.c instead and do not need OpenSSL.
 *
 * Sending and receiving behave like send(2) and recv(2). Two kinds of end are distinguished, which are the same without
 * TLS: the peer has ended the stream (close_notify: 0 bytes), or the connection has ended without it (ENODATA), so that
 * the data may be truncated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tls;            /* shared by all connections; thread-safe */
struct ssl_st;         /* one connection: OpenSSL's SSL */
struct ssl_session_st; /* session to resume: OpenSSL's SSL_SESSION */

struct tls_options {
    bool resume;        /* new connections resume a session of their thread */
    bool insecure;      /* certificates are not verified */
    const char *cacert; /* PEM file of CAs; NULL = the system's */
};

/* "TLSv1.3", "TLS_AES_256_GCM_SHA384", "http/1.1"; empty = unknown; ALPN: empty = not negotiated */
struct tls_facts {
    char version[16], cipher[48], alpn[16];
};

enum tls_verdict { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_FAILED };

/* `host` is the name or address to verify in the certificate. On an error NULL, with a message of one line in *wrong. */
struct tls *tls_open(const struct tls_options *options, const char *host, const char **wrong);
void tls_close(struct tls *tls);

/* For a connected socket. *session (initially NULL) is resumed, and replaced by newer ones, if `resume` is set; it must
 * stay valid until tls_end(). NULL if out of memory. */
struct ssl_st *tls_begin(struct tls *tls, int fd, struct ssl_session_st **session);

/* Continues the handshake as far as possible; TLS_FAILED: see tls_error(). */
enum tls_verdict tls_handshake(struct ssl_st *ssl);
bool tls_is_resumed(const struct ssl_st *ssl);
void tls_get_facts(const struct ssl_st *ssl, struct tls_facts *facts);

/* Number of bytes, or -1 with errno: EAGAIN; EPROTO, see tls_error(); tls_receive() also ENODATA. */
ssize_t tls_send(struct ssl_st *ssl, const void *data, size_t length);
ssize_t tls_receive(struct ssl_st *ssl, void *data, size_t size);

/* Sends a close_notify if `politely`; does not close the socket. */
void tls_end(struct ssl_st *ssl, bool politely);

void tls_forget(struct ssl_session_st *session);

/* The error of this thread's last failed call, in one line. */
const char *tls_error(void);

#endif
