/// How much of an incident is kept; what is longer is cut, not refused.
///
/// Characters are Unicode scalars: a "character" as people see it may have any length.
package enum PayloadLimits {
    /// The longest incident id that is taken, in bytes; longer ones are refused.
    ///
    /// BigPanda's have 24; the bound keeps keys of the store small.
    package static let incidentIDBytesMax = 256

    /// Characters of a title: more than a line on any screen shows.
    package static let titleScalarsMax = 500

    /// Characters of a summary: what BigPanda allows an alert's description.
    ///
    /// Source: BigPanda, API reference "Alert object", description.
    package static let summaryScalarsMax = 2_048

    /// Characters of a status or severity: BigPanda's longest word has twelve.
    package static let statusScalarsMax = 64

    /// Characters of an event's name: BigPanda's longest has 26.
    package static let eventNameScalarsMax = 128

    /// Characters of an environment's id or name.
    package static let environmentScalarsMax = 128

    /// Tags of an incident: some newer tenants allow 2,000, which nobody reads.
    package static let tagsMax = 200

    /// Characters of a tag's name.
    package static let tagNameScalarsMax = 128

    /// Characters of a tag's value: BigPanda's classic limit.
    ///
    /// Source: BigPanda, API reference "Alert object", tags.
    package static let tagValueScalarsMax = 512

    /// Bytes of a link: what browsers and proxies agree to carry.
    package static let linkBytesMax = 2_048

    /// Alerts of an incident that are looked at for its title: all that BigPanda lets it hold.
    ///
    /// Source: BigPanda, "Alert correlation logic", 300 alerts an incident.
    package static let alertsMax = 300

    /// Values of one tag that has several: enough for any list that is read.
    package static let tagListMax = 32
}
