package import Alerts

/// Which incidents of an environment to list, and which page of them.
package struct IncidentSearch: Sendable, Equatable {
    /// Where the console lists them.
    package enum Folder: String, Sendable, CaseIterable {
        case active, shared, snoozed, resolved, unhandled, maintenance
    }

    /// Only those in this folder.
    package var folder: Folder?
    /// Only those that were active at this moment or later.
    package var activeSince: Timestamp?
    /// Only those that this BPQL expression selects; at most `CallLimits.queryScalarsMax` long.
    package var query: String?
    /// Counted from 1.
    package var page = 1
    /// 1 to `CallLimits.pageSizeMax`.
    package var pageSize = CallLimits.pageSizeMax

    /// Searches for all, those changed last first.
    package init(folder: Folder? = nil, activeSince: Timestamp? = nil) {
        self.folder = folder
        self.activeSince = activeSince
    }

    /// The query of the URL.
    var text: String {
        var parts = [
            "page=\(max(page, 1))",
            "page_size=\(min(max(pageSize, 1), CallLimits.pageSizeMax))",
            "sort_by=last_change",
        ]
        if let folder { parts.append("folder=\(folder.rawValue)") }
        if let activeSince { parts.append("from=\(activeSince.wholeSeconds)") }
        if let query {
            let cut = String(query.unicodeScalars.prefix(CallLimits.queryScalarsMax))
            parts.append("query=\(CallPath.encoded(cut))")
        }
        return parts.joined(separator: "&")
    }
}
