/// The version of the gateway.
package enum Version {
    /// As `bigpanda-gateway version` prints it; CHANGELOG.md says what is in it.
    package static let current = "0.1.0"
}
