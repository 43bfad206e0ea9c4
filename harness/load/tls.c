/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tls {
    SSL_CTX *context;
    bool resume, is_address;
    char host[256];
};

static _Thread_local char error_text[160];

const char *tls_error(void)
{
    return error_text;
}

/* ---- shared context ---- */

/* Called for each new session (with TLS 1.3 after the handshake): it replaces the one to resume. 1 = it is kept. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    SSL_SESSION **kept = SSL_get_app_data(ssl);
    tls_forget(*kept);
    *kept = session;
    return 1;
}

static bool set_trust(SSL_CTX *context, const struct tls_options *options)
{
    SSL_CTX_set_verify(context, options->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    if (options->cacert)
        return SSL_CTX_load_verify_locations(context, options->cacert, NULL) == 1;
    return SSL_CTX_set_default_verify_paths(context) == 1;
}

static void set_modes(SSL_CTX *context, bool resume)
{
    static const unsigned char http[] = "\x08http/1.1";
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_alpn_protos(context, http, sizeof http - 1);
    /* SSL_write() may be retried from another buffer; idle connections release their buffers */
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    /* with renegotiation SSL_write() could wait for input, and would be retried in a busy loop */
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(
        context, resume ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF);
    if (resume)
        SSL_CTX_sess_set_new_cb(context, keep_session);
}

static bool is_address(const char *host)
{
    struct in6_addr bytes;
    return inet_pton(AF_INET, host, &bytes) == 1 || inet_pton(AF_INET6, host, &bytes) == 1;
}

struct tls *tls_open(const struct tls_options *options, const char *host, const char **wrong)
{
    static char text[512];
    struct tls *tls = calloc(1, sizeof *tls);
    *wrong = "out of memory for TLS";
    if (!tls)
        return NULL;
    tls->resume = options->resume;
    tls->is_address = is_address(host);
    snprintf(tls->host, sizeof tls->host, "%s", host);
    tls->context = SSL_CTX_new(TLS_client_method());
    if (tls->context && set_trust(tls->context, options)) {
        set_modes(tls->context, options->resume);
        return tls;
    }
    if (tls->context) {
        const char *reason = ERR_reason_error_string(ERR_peek_last_error());
        snprintf(text, sizeof text, "cannot read certificates from %s: %s",
                 options->cacert ? options->cacert : "the system",
                 reason ? reason : "no PEM file of certificates");
        *wrong = text;
    }
    tls_close(tls);
    return NULL;
}

void tls_close(struct tls *tls)
{
    if (tls)
        SSL_CTX_free(tls->context);
    free(tls);
}

void tls_forget(struct ssl_session_st *session)
{
    SSL_SESSION_free(session);
}

/* ---- one connection ---- */

/* The name or address to verify in the certificate; a name is also sent as SNI. */
static bool set_host(SSL *ssl, const struct tls *tls)
{
    if (tls->is_address)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), tls->host) == 1;
    return SSL_set1_host(ssl, tls->host) == 1 && SSL_set_tlsext_host_name(ssl, tls->host) == 1;
}

struct ssl_st *tls_begin(struct tls *tls, int fd, struct ssl_session_st **session)
{
    SSL *ssl = SSL_new(tls->context);
    if (!ssl || SSL_set_fd(ssl, fd) != 1 || !set_host(ssl, tls)) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_app_data(ssl, session);
    SSL_set_connect_state(ssl);
    if (tls->resume && *session)
        SSL_set_session(ssl, *session);
    return ssl;
}

static void explain_handshake(const SSL *ssl, int kind, int system_error)
{
    long refused = SSL_get_verify_result(ssl);
    const char *reason = kind == SSL_ERROR_SSL ? ERR_reason_error_string(ERR_peek_error()) : NULL;
    if (!reason)
        reason = system_error ? strerror(system_error) : "the connection was closed";
    if (kind == SSL_ERROR_SSL && refused != X509_V_OK &&
        SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE)
        snprintf(error_text, sizeof error_text,
                 "certificate refused: %s; see --cacert and --insecure",
                 X509_verify_cert_error_string(refused));
    else
        snprintf(error_text, sizeof error_text, "no TLS handshake: %s", reason);
}

enum tls_verdict tls_handshake(struct ssl_st *ssl)
{
    ERR_clear_error(); /* errors of other connections of this thread */
    errno = 0;
    int done = SSL_do_handshake(ssl), system_error = errno;
    int kind = SSL_get_error(ssl, done);
    if (done == 1)
        return TLS_DONE;
    if (kind == SSL_ERROR_WANT_READ)
        return TLS_WANTS_READ;
    if (kind == SSL_ERROR_WANT_WRITE)
        return TLS_WANTS_WRITE;
    explain_handshake(ssl, kind, system_error);
    return TLS_FAILED;
}

bool tls_is_resumed(const struct ssl_st *ssl)
{
    return SSL_session_reused(ssl) == 1;
}

void tls_get_facts(const struct ssl_st *ssl, struct tls_facts *facts)
{
    const unsigned char *alpn;
    unsigned length;
    SSL_get0_alpn_selected(ssl, &alpn, &length);
    snprintf(facts->version, sizeof facts->version, "%s", SSL_get_version(ssl));
    snprintf(facts->cipher, sizeof facts->cipher, "%s", SSL_get_cipher_name(ssl));
    snprintf(facts->alpn, sizeof facts->alpn, "%.*s", (int)length,
             length ? (const char *)alpn : "");
}

/* Converts the result of SSL_read() or SSL_write() to that of recv(2) or send(2). */
static ssize_t as_of_socket(const SSL *ssl, int n)
{
    int system_error = errno, kind = SSL_get_error(ssl, n);
    unsigned long error = ERR_peek_error();
    const char *reason = ERR_reason_error_string(error);
    if (n > 0)
        return n;
    if (kind == SSL_ERROR_ZERO_RETURN)
        return 0;
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE)
        errno = EAGAIN;
    else if (kind == SSL_ERROR_SYSCALL)
        errno = system_error ? system_error : ENODATA;
    else if (ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        errno = ENODATA;
    else
        errno = EPROTO;
    snprintf(error_text, sizeof error_text, "%s", reason ? reason : "not TLS");
    return -1;
}

ssize_t tls_send(struct ssl_st *ssl, const void *data, size_t length)
{
    ERR_clear_error();
    errno = 0;
    return as_of_socket(ssl, SSL_write(ssl, data, length < INT32_MAX ? (int)length : INT32_MAX));
}

ssize_t tls_receive(struct ssl_st *ssl, void *data, size_t size)
{
    ERR_clear_error();
    errno = 0;
    return as_of_socket(ssl, SSL_read(ssl, data, size < INT32_MAX ? (int)size : INT32_MAX));
}

void tls_end(struct ssl_st *ssl, bool politely)
{
    bool peer_has_ended = SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN;
    if (politely && !peer_has_ended && SSL_is_init_finished(ssl))
        SSL_shutdown(ssl);
    /* without it OpenSSL marks the session as not resumable */
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl);
}
