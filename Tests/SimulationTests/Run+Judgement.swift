import Alerts

extension Run {
    /// Holds what is stored against what the gateway was told and against BigPanda.
    func judge() async throws {
        for (number, expectation) in expectations.sorted(by: { $0.key < $1.key }) {
            guard let subject = try await door.store.alert(Self.alertID(number)),
                let incident = world.incidents[number]
            else { throw Violation(.explained, "the alert of incident \(number) is gone") }
            try judgeStatus(of: subject.alert, expectation, incident)
            let timeline = try await door.store.timeline(of: subject.alert.id, limit: 500)
            try judgeTimeline(timeline, of: subject.alert, expectation)
            try require(
                timeline.count { $0.outcome == .closeSent } == acceptedCounts[number, default: 0],
                .evidence, "incident \(number): other closes sent than BigPanda accepted")
        }
        try await judgeCloses()
        try await judgeTold()
    }

    private func judgeStatus(
        of alert: Alert, _ expectation: Expectation, _ incident: BigPandaWorld.Incident
    ) throws {
        try require(
            alert.status == expectation.status, .status,
            "\(alert.incidentID) is \(alert.status), not \(expectation.status)")
        guard incident.isOpen else {
            try require(
                alert.status == .resolved, .status,
                "\(alert.incidentID) fires although BigPanda was read as closed")
            return
        }
        // Within one second BigPanda's times don't tell a close from a re-open; without, never.
        guard history.style != .noTimes,
            incident.wasClosedAt.map({ $0 / 1000 }) != incident.periodBeganAt / 1000
        else { return }
        let resolvedAt = expectation.lastResolvedAt?.wholeSeconds ?? .min
        let wasTold = expectation.taken.contains { webhook, _ in
            webhook.happenedAt >= incident.periodBeganAt
                && Moment.stamp(webhook.happenedAt).wholeSeconds > resolvedAt
        }
        try require(
            !wasTold || alert.status == .firing, .status,
            "\(alert.incidentID) is open, the gateway was told so, and the alert is resolved")
    }

    private func judgeTimeline(
        _ timeline: [Transition], of alert: Alert, _ expectation: Expectation
    ) throws {
        let pushed: [Outcome] = [
            .created, .updated, .resolved, .refired, .duplicate, .ignoredStale,
        ]
        let told = timeline.filter { $0.cause.kind == .bigpanda && pushed.contains($0.outcome) }
        try require(
            told.map(\.outcome) == expectation.taken.map(\.outcome), .explained,
            "\(alert.incidentID): the timeline tells of \(told.map(\.outcome))")
        try require(
            timeline.count { $0.outcome == .resolved && $0.cause.kind == .user }
                == expectation.resolutionsCount, .resolutions,
            "\(alert.incidentID): other than \(expectation.resolutionsCount) resolves")
        try require(
            timeline.count { $0.outcome == .refired } == expectation.refiresCount, .timeline,
            "\(alert.incidentID): other than \(expectation.refiresCount) re-fires")
        var status: AlertStatus?
        var resolvedAt: Timestamp?
        for entry in timeline {
            switch entry.outcome {
            case .created, .resolved, .refired:
                let isChange = entry.outcome == .created || entry.status != status
                try require(isChange, .timeline, "\(alert.incidentID): \(entry) changes nothing")
                resolvedAt = entry.status == .resolved ? entry.at : nil
                status = entry.status
            case .updated, .duplicate, .ignoredStale, .closeOwed, .closeSent, .closeDelayed,
                .closeConfirmed, .closeFailed, .closeCancelled:
                try require(
                    entry.status == status, .timeline,
                    "\(alert.incidentID): \(entry) is of another status")
            }
        }
        try require(
            status == alert.status && resolvedAt == alert.resolvedAt, .timeline,
            "\(alert.incidentID): ends otherwise than the alert")
    }

    private func judgeCloses() async throws {
        let closes = try await door.store.closes(CloseQuery(limit: 500)).items
        let owed = expectations.values.flatMap(\.owed)
        try require(
            Set(closes.map(\.id)) == Set(owed), .closesEnd,
            "owed \(owed), there are \(closes.map(\.id))")
        for close in closes {
            switch close.state {
            case .pending, .sending, .sent:
                throw Violation(.closesEnd, "\(close.id) is \(close.state) for ever")
            case .confirmed:
                let shownAt = expectations.first { $0.value.owed.contains(close.id) }?
                    .value.shownClosedAt.last
                try require(
                    (shownAt ?? close.createdAt + .seconds(-1)) >= close.createdAt, .evidence,
                    "\(close.id) is confirmed, and BigPanda never said so")
            case .failed:
                try require(
                    givenUp.contains(close.id), .closesEnd,
                    "\(close.id) failed: \(close.lastError ?? "for no reason")")
            case .cancelled:
                try require(
                    cancelled.contains(close.id), .closesEnd,
                    "\(close.id) is cancelled, and nobody asked for it")
            }
        }
    }
}
