#pragma once
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <string.h>

// Macros over SSL_CTX_ctrl and its kin, which Swift can't call; one function per meaning.

static inline int copenssl_set_versions(SSL_CTX *context, int lowest, int highest) {
  return SSL_CTX_set_min_proto_version(context, lowest) &&
         SSL_CTX_set_max_proto_version(context, highest);
}

static inline int copenssl_set_groups(SSL_CTX *context, const char *names) {
  return (int)SSL_CTX_set1_groups_list(context, names);
}

// No renegotiation, which TLS 1.2 clients could make the server work by; no compression, which
// tells secrets by lengths (CRIME).
static inline void copenssl_refuse_old_habits(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

static inline void copenssl_release_buffers(SSL_CTX *context) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

static inline void copenssl_no_session_cache(SSL_CTX *context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline void copenssl_set_certificate_list_max(SSL_CTX *context, long bytes) {
  SSL_CTX_set_max_cert_list(context, bytes);
}

static inline int copenssl_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
  return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline void copenssl_set_server_name(SSL *session, const char *name) {
  SSL_set_tlsext_host_name(session, name);
}

// What lies in a memory BIO, without taking it out.
static inline size_t copenssl_bio_bytes(BIO *bio, char **bytes) {
  long count = BIO_get_mem_data(bio, bytes);
  return count > 0 ? (size_t)count : 0;
}

// Empties a memory BIO. What it grew to is given back when that was more than `kept` bytes, as an
// idle connection would hold it else.
static inline void copenssl_bio_empty(BIO *bio, size_t kept) {
  BUF_MEM *memory = NULL;
  BIO_get_mem_ptr(bio, &memory);
  BUF_MEM *fresh = memory && memory->max > kept ? BUF_MEM_new() : NULL;
  if (fresh)
    BIO_set_mem_buf(bio, fresh, BIO_CLOSE);
  else
    (void)BIO_reset(bio);
  BIO_set_mem_eof_return(bio, -1);
}

// Session tickets: the newest key seals, both open (RFC 5077, section 4).

struct copenssl_ticket_key {
  unsigned char name[16];
  unsigned char cipher[32];
  unsigned char mac[32];
};

struct copenssl_ticket_keys {
  struct copenssl_ticket_key key[2];
};

// Source: SSL_CTX_set_tlsext_ticket_key_evp_cb(3).
static inline int copenssl_ticket(SSL *session, unsigned char *name, unsigned char *iv,
                                  EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seals) {
  struct copenssl_ticket_keys *keys = SSL_CTX_get_app_data(SSL_get_SSL_CTX(session));
  int index = 0;
  if (seals) {
    if (RAND_bytes(iv, EVP_MAX_IV_LENGTH) != 1) return -1;
    memcpy(name, keys->key[0].name, sizeof keys->key[0].name);
  } else {
    while (index < 2 && memcmp(name, keys->key[index].name, sizeof keys->key[index].name) != 0)
      index++;
    if (index == 2) return 0;
  }
  struct copenssl_ticket_key *key = &keys->key[index];
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof key->mac),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  if (EVP_MAC_CTX_set_params(mac, parameters) != 1) return -1;
  if (EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv, seals) != 1) return -1;
  // 2 asks for another ticket, sealed with the newest key.
  return index == 0 ? 1 : 2;
}

static inline struct copenssl_ticket_keys *copenssl_use_ticket_keys(SSL_CTX *context) {
  struct copenssl_ticket_keys *keys = OPENSSL_zalloc(sizeof *keys);
  if (!keys) return NULL;
  if (RAND_priv_bytes((unsigned char *)keys, sizeof *keys) != 1 ||
      SSL_CTX_set_app_data(context, keys) != 1 ||
      SSL_CTX_set_tlsext_ticket_key_evp_cb(context, copenssl_ticket) != 1) {
    OPENSSL_clear_free(keys, sizeof *keys);
    return NULL;
  }
  return keys;
}

// The newest key becomes the older one. Nothing changes when there is no randomness.
static inline int copenssl_rotate_ticket_keys(struct copenssl_ticket_keys *keys) {
  struct copenssl_ticket_key fresh;
  if (RAND_priv_bytes((unsigned char *)&fresh, sizeof fresh) != 1) return 0;
  keys->key[1] = keys->key[0];
  keys->key[0] = fresh;
  OPENSSL_cleanse(&fresh, sizeof fresh);
  return 1;
}

static inline void copenssl_free_ticket_keys(struct copenssl_ticket_keys *keys) {
  OPENSSL_clear_free(keys, sizeof *keys);
}

// Keys that are sealed with a password are refused rather than asked about on a terminal.
static inline int copenssl_no_password(char *buffer, int size, int writes, void *asked) {
  (void)buffer, (void)size, (void)writes;
  *(int *)asked = 1;
  return -1;
}

static inline EVP_PKEY *copenssl_read_key(BIO *bio, int *is_encrypted) {
  *is_encrypted = 0;
  return PEM_read_bio_PrivateKey(bio, NULL, copenssl_no_password, is_encrypted);
}

// One protocol is spoken here; a client that offers others alone is told so (RFC 7301).
static inline int copenssl_alpn(SSL *session, const unsigned char **chosen, unsigned char *length,
                                const unsigned char *offered, unsigned int count, void *unused) {
  (void)session, (void)unused;
  static const unsigned char known[] = "\x08http/1.1";
  unsigned char *found = NULL;
  int status = SSL_select_next_proto(&found, length, known, sizeof known - 1, offered, count);
  if (status != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

static inline void copenssl_speak_http(SSL_CTX *context) {
  SSL_CTX_set_alpn_select_cb(context, copenssl_alpn, NULL);
}

static inline int copenssl_seconds(const ASN1_TIME *from, const ASN1_TIME *to, long long *seconds) {
  int days = 0, rest = 0;
  if (ASN1_TIME_diff(&days, &rest, from, to) != 1) return 0;
  *seconds = (long long)days * 86400 + rest;
  return 1;
}

// Seconds until a certificate ends, negative once it has, and from its first moment to its last.
static inline int copenssl_validity(const X509 *certificate, long long *left, long long *in_all) {
  const ASN1_TIME *end = X509_get0_notAfter(certificate);
  return copenssl_seconds(NULL, end, left) &&
         copenssl_seconds(X509_get0_notBefore(certificate), end, in_all);
}
