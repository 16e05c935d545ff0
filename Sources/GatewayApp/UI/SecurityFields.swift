import HTTPServer

/// What browsers are told so that they do no more with an answer than it is for.
enum SecurityFields {
    /// Of each answer: it is what it says it is, and for our own pages alone.
    private static let common = [
        HTTPField("X-Content-Type-Options", "nosniff"),
        HTTPField("Cross-Origin-Resource-Policy", "same-origin"),
        HTTPField("Referrer-Policy", "same-origin"),
    ]

    /// Of the API: nothing is kept, and a document that is opened does nothing.
    static let api =
        common + [
            HTTPField("Cache-Control", "no-store"),
            HTTPField("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ]

    /// Of files that belong to pages.
    static let file = common

    /// Of pages: scripts and styles are our own files, no text becomes markup or code, and nobody
    /// frames a page or holds on to its window.
    ///
    /// Source: Content Security Policy Level 3; Trusted Types; HTML, "Cross-origin opener
    /// policies".
    static let page =
        common + [
            HTTPField(
                "Content-Security-Policy",
                """
                default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                require-trusted-types-for 'script'; trusted-types 'none'
                """),
            HTTPField("Cross-Origin-Opener-Policy", "same-origin"),
            HTTPField("X-Frame-Options", "DENY"),
            HTTPField("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
        ]
}

extension HTTPResponse {
    /// The same answer with more fields.
    func withGuards(_ fields: [HTTPField]) -> HTTPResponse {
        var copy = self
        copy.fields += fields
        return copy
    }
}
