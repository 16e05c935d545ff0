/// A file of the web UI as it lies in `Assets`, which the build puts into the program.
package struct WebFile: Sendable {
    /// Its name, without a path.
    package let name: String
    /// Its media type.
    package let contentType: String
    /// What is in it.
    package let bytes: [UInt8]

    private init(_ name: String, _ contentType: String, _ bytes: [UInt8]) {
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
    }

    /// The page that every path of the UI gets; `pathPlaceholder` stands where its files lie.
    package static var page: WebFile {
        WebFile("index.html", "text/html; charset=utf-8", PackageResources.index_html)
    }

    /// What stands in the page for the path of its files.
    package static let pathPlaceholder = "/assets/version/"

    /// The files that the page loads.
    package static var all: [WebFile] { scripts + [style, icon] }

    private static var style: WebFile {
        WebFile("style.css", "text/css; charset=utf-8", PackageResources.style_css)
    }

    private static var icon: WebFile {
        WebFile("icon.svg", "image/svg+xml", PackageResources.icon_svg)
    }

    private static var scripts: [WebFile] {
        [
            ("app.js", PackageResources.app_js),
            ("api.js", PackageResources.api_js),
            ("access.js", PackageResources.access_js),
            ("dom.js", PackageResources.dom_js),
            ("time.js", PackageResources.time_js),
            ("live.js", PackageResources.live_js),
            ("words.js", PackageResources.words_js),
            ("status.js", PackageResources.status_js),
            ("banners.js", PackageResources.banners_js),
            ("list.js", PackageResources.list_js),
            ("dialog.js", PackageResources.dialog_js),
            ("chart.js", PackageResources.chart_js),
            ("icons.js", PackageResources.icons_js),
            ("signin.js", PackageResources.signin_js),
            ("alerts.js", PackageResources.alerts_js),
            ("alert.js", PackageResources.alert_js),
            ("timeline.js", PackageResources.timeline_js),
            ("sources.js", PackageResources.sources_js),
            ("source.js", PackageResources.source_js),
            ("traffic.js", PackageResources.traffic_js),
            ("install.js", PackageResources.install_js),
            ("newsource.js", PackageResources.newsource_js),
            ("closes.js", PackageResources.closes_js),
            ("deliveries.js", PackageResources.deliveries_js),
            ("delivery.js", PackageResources.delivery_js),
            ("settings.js", PackageResources.settings_js),
            ("integrations.js", PackageResources.integrations_js),
            ("canary.js", PackageResources.canary_js),
            ("outbound.js", PackageResources.outbound_js),
        ].map { WebFile($0.0, "text/javascript; charset=utf-8", $0.1) }
    }
}
