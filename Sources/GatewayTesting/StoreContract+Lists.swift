import Alerts

extension StoreContract {
    static let listCases = [
        Case("alerts are listed newest change first") { store in
            try await prepare(store)
            _ = try await store.apply(["a", "b", "c"].map { Sample.arrival($0, .new) })
            try expectEqual(try await incidents(AlertQuery(), in: store), ["c", "b", "a"])
            _ = try await store.apply([Sample.arrival("a", at: 1)])
            _ = try await store.resolve(Sample.request("b"), at: Sample.at(2))
            try expectEqual(try await incidents(AlertQuery(), in: store), ["b", "a", "c"])
        },
        Case("what changes nothing moves no alert") { store in
            try await prepare(store)
            _ = try await store.apply([
                Sample.arrival("a", changedOn: 5, fingerprint: 1), Sample.arrival("b"),
            ])
            _ = try await store.apply([
                Sample.arrival("a", changedOn: 5, fingerprint: 1),
                Sample.arrival("a", changedOn: 1),
            ])
            try expectEqual(try await incidents(AlertQuery(), in: store), ["b", "a"])
        },
        Case("pages follow each other without gaps or repeats") { store in
            try await prepare(store)
            let names = (0..<25).map { "inc-\($0)" }
            _ = try await store.apply(
                names.enumerated().map { index, name in
                    Sample.arrival(name, index.isMultiple(of: 3) ? .closed : .new, active: nil)
                })
            for limit in [1, 4, 24, 25, 26] {
                var query = AlertQuery(limit: limit)
                try expectEqual(try await allIncidents(query, in: store), names.reversed())
                query.status = .resolved
                let resolved = names.enumerated().filter { $0.offset.isMultiple(of: 3) }
                try expectEqual(
                    try await allIncidents(query, in: store), resolved.reversed().map(\.element))
            }
        },
        Case("a page has no next one after the last alert") { store in
            try await prepare(store)
            _ = try await store.apply(["a", "b"].map { Sample.arrival($0, .new) })
            try expectEqual(try await store.alerts(AlertQuery(limit: 2)).next, nil)
            try expect(
                try await store.alerts(AlertQuery(limit: 1)).next != nil, "the second is missing")
        },
        Case("an alert that changes while pages are read shows no other twice") { store in
            try await prepare(store)
            _ = try await store.apply(["a", "b", "c", "d"].map { Sample.arrival($0, .new) })
            var query = AlertQuery(limit: 2)
            let first = try await store.alerts(query)
            _ = try await store.apply([Sample.arrival("a", at: 1)])
            query.cursor = try unwrap(first.next)
            try expectEqual(try await incidents(query, in: store), ["b"])
        },
        Case("each filter lets through what it names") { store in
            try await prepare(store)
            let other = SourceID("src_2")
            try await store.insert(Sample.source(other, name: "Other", secret: SecretID("s2")))
            _ = try await store.apply([
                Sample.arrival("a", .new) { $0.severity = "critical" },
                Sample.arrival("b", .closed, active: false) { $0.severity = "critical" },
                Sample.arrival("a", .new, source: other) { $0.severity = "warning" },
            ])
            try await expectListed(["a", "a"], in: store) { $0.status = .firing }
            try await expectListed(["b"], in: store) { $0.status = .resolved }
            try await expectListed(["a"], in: store) { $0.sourceID = other }
            try await expectListed([], in: store) { $0.sourceID = SourceID("src_none") }
            try await expectListed(["b", "a"], in: store) { $0.severity = "critical" }
            try await expectListed(["a", "a"], in: store) { $0.incidentID = "a" }
            try await expectListed(["a"], in: store) {
                $0.incidentID = "a"
                $0.sourceID = Sample.sourceID
                $0.status = .firing
                $0.severity = "critical"
                $0.text = "A"
            }
        },
        Case("a text is found in title, summary, incident id and tags") { store in
            try await prepare(store)
            _ = try await store.apply([
                Sample.arrival("Title-1", .new) { $0.title = "CPU at 100% on Web_01" },
                Sample.arrival("summary-2", .new) { $0.summary = "Größe überschritten" },
                Sample.arrival("tags-3", .new) {
                    $0.tags = [AlertTag(name: "Region", value: "eu \"west\" C:\\temp")]
                },
            ])
            for (text, found) in [
                ("cpu AT", ["Title-1"]), ("100%", ["Title-1"]), ("web_01", ["Title-1"]),
                ("1%0", []), ("title-1", ["Title-1"]), ("SUMMARY-2", ["summary-2"]),
                ("GRÖSSE", []), ("größe Ü", ["summary-2"]), ("ÜBERSCHRITTEN", ["summary-2"]),
                ("region", ["tags-3"]), ("\"west\"", ["tags-3"]), ("c:\\TEMP", ["tags-3"]),
                ("\",\"", []), ("-", ["tags-3", "summary-2", "Title-1"]),
                ("", ["tags-3", "summary-2", "Title-1"]), ("nowhere", []), ("^", []), ("\r", []),
            ] as [(String, [String])] {
                try await expectListed(found, in: store) { $0.text = text }
            }
        },
        Case("a search goes on from page to page") { store in
            try await prepare(store)
            _ = try await store.apply(
                (0..<30).map { number in
                    Sample.arrival("inc-\(number)", .new) {
                        $0.title = number.isMultiple(of: 5) ? "needle" : "hay"
                    }
                })
            var query = AlertQuery(limit: 2)
            query.text = "Needle"
            try expectEqual(
                try await allIncidents(query, in: store),
                [25, 20, 15, 10, 5, 0].map { "inc-\($0)" })
        },
        Case("a listed alert has its newest close") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            let listed = try await store.alerts(AlertQuery()).items.first
            try expectEqual(listed, try await store.alert(Sample.alertID("a")))
            try expectEqual(listed?.close?.id, CloseID("cls_a"))
        },
    ]

    static func incidents(_ query: AlertQuery, in store: Store) async throws -> [String] {
        try await store.alerts(query).items.map(\.alert.incidentID)
    }

    private static func allIncidents(
        _ query: AlertQuery, in store: Store
    ) async throws -> [String] {
        var query = query
        var found: [String] = []
        for _ in 0..<100 {
            let page = try await store.alerts(query)
            try expect(page.items.count <= query.limit, "a page longer than its limit")
            found += page.items.map(\.alert.incidentID)
            guard let next = page.next else { return found }
            query.cursor = next
        }
        throw Violation(description: "the pages have no end")
    }

    private static func expectListed(
        _ expected: [String], in store: Store, line: UInt = #line,
        _ adjust: (inout AlertQuery) -> Void
    ) async throws {
        var query = AlertQuery()
        adjust(&query)
        let found = try await incidents(query, in: store)
        try expect(found == expected, "\(query) found \(found), not \(expected)", line: line)
    }
}
