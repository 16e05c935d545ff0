/// Lines of the Prometheus text format.
///
/// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>, version 0.0.4.
struct MetricText {
    private(set) var text = ""

    init() { text.reserveCapacity(16_384) }

    mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: KeyValuePairs<String, String>, _ value: Int) {
        let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
        text += "\(name){\(pairs.joined(separator: ","))} \(value)\n"
    }

    mutating func sample(
        _ name: String, _ labels: KeyValuePairs<String, String>, _ value: Double
    ) {
        let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
        text += "\(name){\(pairs.joined(separator: ","))} \(value)\n"
    }

    mutating func single(_ name: String, _ type: String, _ help: String, _ value: Int) {
        family(name, type, help)
        text += "\(name) \(value)\n"
    }

    mutating func single(_ name: String, _ type: String, _ help: String, _ value: Double) {
        family(name, type, help)
        text += "\(name) \(value)\n"
    }

    /// One histogram of a family; `label` tells it from the family's others, as in `a="b"`.
    mutating func histogram(_ name: String, _ label: String = "", _ histogram: Histogram) {
        let prefix = label.isEmpty ? "" : label + ","
        var count = 0
        for (bound, own) in zip(histogram.bounds, histogram.counts) {
            count += own
            let largest = Self.figure(bound, histogram.unit)
            text += "\(name)_bucket{\(prefix)le=\"\(largest)\"} \(count)\n"
        }
        count += histogram.counts.last ?? 0
        text += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(count)\n"
        let labels = label.isEmpty ? "" : "{\(label)}"
        text += "\(name)_sum\(labels) \(Self.figure(histogram.sum, histogram.unit))\n"
        text += "\(name)_count\(labels) \(count)\n"
    }

    private static func figure(_ value: Int, _ unit: Histogram.Unit) -> String {
        switch unit {
        case .nanoseconds: "\(Double(value) / 1e9)"
        case .items: "\(value)"
        }
    }

    /// A label's value; backslash, quote and line feed would end it.
    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5c || $0 == 0x22 || $0 == 0x0a }) else {
            return value
        }
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            case _: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
