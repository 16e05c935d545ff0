import Alerts

extension StoreContract {
    static let tokenCases = [
        Case("tokens are listed by name, and a name is given once") { store in
            try await store.insert(token("b", .viewer))
            try await store.insert(token("a", .admin))
            try expectEqual(
                try await store.adminTokens(), [token("a", .admin), token("b", .viewer)])
            let twin = AdminToken(
                id: "tok_twin", name: "a", role: .operator, hash: [3], at: Sample.start)
            let error = try await expectError { try await store.insert(twin) }
            try expectEqual(error.kind, .conflict)
        },
        Case("the use of a token is noted, and the clock may not turn it back") { store in
            try await store.insert(token("a", .operator))
            try await store.noteUse(ofToken: "tok_a", at: Sample.at(90))
            try await store.noteUse(ofToken: "tok_a", at: Sample.at(30))
            try await store.noteUse(ofToken: "tok_x", at: Sample.at(90))
            try expectEqual(try await store.adminTokens().map(\.lastUsedAt), [Sample.at(90)])
        },
        Case("a token that is revoked takes its sessions along, and no other") { store in
            try await store.insert(token("a", .operator))
            for (number, tokenID) in [(1, "tok_a"), (2, nil), (3, "tok_a")] as [(UInt8, String?)] {
                try await store.insert(
                    Session(
                        id: "ses_\(number)", hash: [number], peer: "192.0.2.1", tokenID: tokenID,
                        at: Sample.start))
            }
            try expectEqual(try await store.session(hash: [3])?.tokenID, "tok_a")
            try expect(try await store.removeToken("tok_a"), "there was none")
            try expect(try await !store.removeToken("tok_a"), "it was still there")
            try expectEqual(try await store.sessions().map(\.id), ["ses_2"])
            try expectEqual(try await store.adminTokens(), [])
        },
    ]

    static let auditCases = [
        Case("each change of the directory leaves one entry, what is no change none") { store in
            try await prepare(store)
            try expectEqual(try await store.audit(AuditQuery()).items, [])
            let integration = try unwrap(try await store.integrations().first)
            let source = try unwrap(try await store.sources().first)
            try await recording(.integrationUpdate, integration.id.text) {
                try await store.update(integration, key: nil)
            }
            try await recording(.integrationDelete, integration.id.text) {
                _ = try await store.removeIntegration(integration.id)
            }
            try await recording(.sourceUpdate, source.id.text) { try await store.update(source) }
            try await recording(.sourceDelete, source.id.text) {
                _ = try await store.removeSource(source.id, at: Sample.start)
                _ = try await store.removeSource(source.id, at: Sample.start)
            }
            try await recording(.integrationDelete, integration.id.text) {
                _ = try await store.removeIntegration(integration.id)
            }
            try await recording(.integrationUpdate, integration.id.text) {
                _ = try await expectError { try await store.update(integration, key: nil) }
            }
            try await recording(.integrationDelete, integration.id.text) {
                _ = try await store.removeIntegration(integration.id)
            }
            try expectEqual(
                try await outcomes(store),
                [
                    "integration.update done", "integration.delete refused", "source.update done",
                    "source.delete done", "integration.delete done",
                ])
        },
        Case("what people do to alerts and closes leaves its entry") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new)])
            let request = Sample.request("a")
            for _ in 0..<2 {
                try await recording(.alertResolve, request.alertID.text) {
                    _ = try await store.resolve(request, at: Sample.at(1))
                }
            }
            let actor = Actor(.user, name: "ann")
            try await recording(.closeRetry, request.newCloseID.text) {
                _ = try await store.retryClose(request.newCloseID, by: actor, at: Sample.at(2))
            }
            try await recording(.closeCancel, "cls_none") {
                _ = try await store.cancelClose(CloseID("cls_none"), by: actor, at: Sample.at(3))
            }
            try await recording(.closeCancel, request.newCloseID.text) {
                _ = try await store.cancelClose(request.newCloseID, by: actor, at: Sample.at(3))
            }
            let replay = Sample.arrival(
                "a", at: 4, audit: [entry(.deliveryReplay, "dlv_1")])
            _ = try await store.apply([replay])
            try expectEqual(
                try await outcomes(store),
                [
                    "alert.resolve done", "alert.resolve unchanged", "close.retry done",
                    "close.cancel done", "delivery.replay done",
                ])
        },
        Case("an entry says all that is asked, and is found by it") { store in
            try await recording(.tokenCreate, "tok_a", fields: ["name", "role"]) {
                try await store.insert(token("a", .viewer))
            }
            try await recording(.sessionCreate, "ses_1") {
                try await store.insert(
                    Session(id: "ses_1", hash: [1], peer: "192.0.2.1", at: Sample.start))
            }
            let all = try await store.audit(AuditQuery()).items
            var expected = entry(.tokenCreate, "tok_a", fields: ["name", "role"])
            expected.number = try unwrap(all.last).number
            try expectEqual(all.last, expected)
            try expect(all[0].number > all[1].number, "numbers don't grow")
            var query = AuditQuery(limit: 1)
            let first = try await store.audit(query)
            try expectEqual(first.items, [all[0]])
            query.cursor = first.next
            let second = try await store.audit(query)
            try expectEqual(second.items, [all[1]])
            try expectEqual(second.next, nil)
            query = AuditQuery()
            query.action = .tokenCreate
            try expectEqual(try await store.audit(query).items, [all[1]])
            query.objectID = "ses_1"
            try expectEqual(try await store.audit(query).items, [])
            query.action = nil
            query.actor = "ann"
            try expectEqual(try await store.audit(query).items, [all[0]])
            query.actor = "bob"
            try expectEqual(try await store.audit(query).items, [])
        },
        Case("a change that fails leaves no entry, and only old entries are pruned") { store in
            try await store.insert(token("a", .viewer))
            try await recording(.tokenCreate, "tok_a") {
                _ = try await expectError { try await store.insert(token("a", .viewer)) }
            }
            try expectEqual(try await store.audit(AuditQuery()).items, [])
            for number in 1...3 {
                let old = AuditEntry(
                    at: Timestamp(milliseconds: Int64(number)), .system, .tokenCreate, "\(number)")
                try await AuditTrail.$entry.withValue(old) {
                    try await store.insert(token("\(number)", .viewer))
                }
            }
            let moment = Timestamp(milliseconds: 3)
            try expectEqual(try await store.pruneAudit(before: moment, limit: 1), 1)
            try expectEqual(try await store.pruneAudit(before: moment, limit: 9), 1)
            try expectEqual(try await store.pruneAudit(before: moment, limit: 9), 0)
            try expectEqual(try await store.audit(AuditQuery()).items.map(\.objectID), ["3"])
        },
    ]

    private static func token(_ name: String, _ role: Role) -> AdminToken {
        AdminToken(
            id: "tok_\(name)", name: name, role: role, hash: Array(name.utf8), at: Sample.start)
    }

    private static func entry(
        _ action: AuditAction, _ objectID: String, fields: [String] = []
    ) -> AuditEntry {
        let actor = AuditActor(.session, name: "ann", sessionID: "ses_9", peer: "192.0.2.9")
        return AuditEntry(at: Sample.at(7), actor, action, objectID, fields: fields)
    }

    private static func recording(
        _ action: AuditAction, _ objectID: String, fields: [String] = [],
        _ body: () async throws -> Void
    ) async throws {
        let entry = entry(action, objectID, fields: fields)
        try await AuditTrail.$entry.withValue(entry, operation: body)
    }

    /// What was done and what came of it, oldest first.
    private static func outcomes(_ store: Store) async throws -> [String] {
        try await store.audit(AuditQuery()).items.reversed()
            .map { "\($0.action.rawValue) \($0.outcome.rawValue)" }
    }
}
