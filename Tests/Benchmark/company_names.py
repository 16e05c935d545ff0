"""What the report calls those that are measured."""

NAMES = {
    "sqlite": "gateway, SQLite", "nginx": "nginx, which answers without a look",
    "alertmanager": "Alertmanager, in memory", "hummingbird": "Hummingbird 2 and GRDB, SQLite",
    "postgres": "gateway, PostgreSQL", "postgres2": "two gateways, one PostgreSQL",
}
