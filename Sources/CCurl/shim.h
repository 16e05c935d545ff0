#pragma once
#include <curl/curl.h>

// curl_easy_setopt and its kin are variadic, which Swift can't call; one shim per argument type
// keeps each call checked.
static inline CURLcode ccurl_easy_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_easy_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_easy_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_easy_set_headers(CURL *easy, struct curl_slist *list) {
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

typedef size_t (*ccurl_receive)(char *, size_t, size_t, void *);

static inline CURLcode ccurl_easy_set_body_receiver(CURL *easy, ccurl_receive f, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, f);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

static inline CURLcode ccurl_easy_set_header_receiver(CURL *easy, ccurl_receive f, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, f);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}

static inline CURLcode ccurl_easy_set_body_sender(CURL *easy, ccurl_receive f, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_READFUNCTION, f);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_READDATA, context);
}

// CURLVERSION_NOW is a macro that Swift does not see.
static inline unsigned int ccurl_version_number(void) {
  return curl_version_info(CURLVERSION_NOW)->version_num;
}

static inline CURLcode ccurl_easy_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}

typedef int (*ccurl_socket_changed)(CURL *, curl_socket_t, int, void *, void *);
typedef int (*ccurl_deadline_changed)(CURLM *, long, void *);

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode ccurl_multi_set_socket(CURLM *multi, ccurl_socket_changed f,
                                               void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, f);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}

static inline CURLMcode ccurl_multi_set_timer(CURLM *multi, ccurl_deadline_changed f,
                                              void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, f);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

// CURLMsg holds a union, of which Swift sees no members by name; this is the one that is used.
static inline CURLcode ccurl_message_result(const CURLMsg *message) {
  return message->data.result;
}
