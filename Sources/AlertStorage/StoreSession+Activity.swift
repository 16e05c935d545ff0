import Alerts
import SQLite

extension StoreSession {
    /// Writes what the open transaction adds to the counts of hours; call before its commit.
    func writeActivity() throws(SQLiteError) {
        for (key, number) in activity where number != 0 {
            try connection.withStatement(
                """
                INSERT INTO activity(hour, name, value) VALUES (?, ?, ?)
                ON CONFLICT (hour, name) DO UPDATE SET value = value + excluded.value
                """
            ) { (insert) throws(SQLiteError) in
                try insert.bind(key.hour)
                try insert.bind(key.activity.text)
                try insert.bind(number)
                try insert.run()
            }
        }
    }

    /// The counts of an hour and of those after it.
    func activity(sinceHour hour: Int64) throws(SQLiteError) -> [Activity.Key: Int64] {
        try connection.withStatement("SELECT hour, name, value FROM activity WHERE hour >= ?") {
            (select) throws(SQLiteError) in
            try select.bind(hour)
            var counts: [Activity.Key: Int64] = [:]
            while try select.step() == .row {
                let (hour, name, value) = (
                    select.readInt64(), select.readText(), select.readInt64()
                )
                guard let activity = Activity(text: name) else {
                    throw SQLiteError(unknown: name, in: "activity.name")
                }
                counts[Activity.Key(activity, hour: hour)] = value
            }
            return counts
        }
    }

    /// Forgets the counts before an hour.
    func pruneActivity(beforeHour hour: Int64) throws(SQLiteError) {
        try connection.withStatement("DELETE FROM activity WHERE hour < ?") {
            (delete) throws(SQLiteError) in
            try delete.bind(hour)
            try delete.run()
        }
    }
}
