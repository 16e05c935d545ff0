#pragma once
#include <libpq-fe.h>

// Character macros, which Swift imports in no type that PQresultErrorField takes.
static inline const char *cpq_error_state(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}
static inline const char *cpq_error_message(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}
static inline const char *cpq_error_constraint(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

static void cpq_drop_notice(void *context, const PGresult *notice) {
  (void)context;
  (void)notice;
}

// Without a receiver of ours libpq prints the server's notices to standard error.
static inline void cpq_drop_notices(PGconn *connection) {
  (void)PQsetNoticeReceiver(connection, cpq_drop_notice, (void *)0);
}
