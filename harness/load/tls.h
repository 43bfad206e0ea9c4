#ifndef WAKEONE_TLS_H
#define WAKEONE_TLS_H

/*
 * TLS for connections of the load, on OpenSSL, over sockets that do not block: TLS 1.2 and 1.3, ALPN http/1.1.
 *
 * Only `load` is linked with it (tls.c). Programs that load no server but the suite's own, which speak no TLS, and those
 * for guests, have tls_none.c in its place and need no OpenSSL.
 *
 * What is sent and received behaves as send(2) and recv(2) do. Two ends are told apart that are one without TLS: the peer
 * has ended the stream (close_notify: 0 bytes), or the connection has just ended (ENODATA): what came may have been cut
 * off on the way.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tls;            /* what all connections have in common; may be used by several threads */
struct ssl_st;         /* one connection: SSL of OpenSSL */
struct ssl_session_st; /* what a later connection can resume: SSL_SESSION */

struct tls_options {
    bool resume;        /* new connections resume the session of an earlier one of their thread */
    bool insecure;      /* any certificate will do */
    const char *cacert; /* PEM file of authorities; NULL = those of the system */
};

/* "TLSv1.3", "TLS_AES_256_GCM_SHA384", "http/1.1"; empty = not known, of ALPN: not negotiated */
struct tls_facts {
    char version[16], cipher[48], alpn[16];
};

enum tls_verdict { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_FAILED };

/* `host` is the name, or the address, that the certificate must be of. NULL, with *wrong in one line. */
struct tls *tls_open(const struct tls_options *options, const char *host, const char **wrong);
void tls_close(struct tls *tls);

/* For a socket that is connected. *session (NULL at first) is resumed, and replaced as new ones come, if that is wanted;
 * it must stay until tls_end(). NULL if memory is out. */
struct ssl_st *tls_begin(struct tls *tls, int fd, struct ssl_session_st **session);

/* Goes on with the handshake as far as it can; TLS_FAILED: see tls_error(). */
enum tls_verdict tls_handshake(struct ssl_st *ssl);
bool tls_is_resumed(const struct ssl_st *ssl);
void tls_get_facts(const struct ssl_st *ssl, struct tls_facts *facts);

/* Bytes, or -1 with errno: EAGAIN; EPROTO, see tls_error(); of tls_receive() ENODATA. */
ssize_t tls_send(struct ssl_st *ssl, const void *data, size_t length);
ssize_t tls_receive(struct ssl_st *ssl, void *data, size_t size);

/* Says that the stream ends (close_notify) if `politely`; the socket stays open. */
void tls_end(struct ssl_st *ssl, bool politely);

void tls_forget(struct ssl_session_st *session);

/* Why the last call of this thread failed, in one line. */
const char *tls_error(void);

#endif
